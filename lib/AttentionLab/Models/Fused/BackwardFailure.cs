using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// The failure of a backward pass that is written in C#. No exception may pass through torch's native code: it would end the
/// process. Such a pass returns gradients of a wrong shape instead; torch refuses them, and the caller gets its exception.
/// </summary>
internal static class BackwardFailure
{
    [ThreadStatic] // torch computes a processor's gradients on the caller's thread
    private static Exception? _last;

    /// <summary>Computes gradients, and keeps the exception if that fails.</summary>
    /// <param name="areTensors">Of each argument of the function whether it is a tensor, one of more than one number.</param>
    /// <param name="gradients">One for each argument.</param>
    public static List<Tensor> Keep(IEnumerable<bool> areTensors, Func<List<Tensor>> gradients)
    {
        _last = null;
        try
        {
            return gradients();
        }
        catch (Exception e)
        {
            _last = e;
            return [.. areTensors.Select(isTensor => isTensor ? empty(0) : null!)];
        }
    }

    /// <summary>The exception of this thread's last pass, once; null where it did not fail.</summary>
    public static Exception? Take()
    {
        Exception? last = _last;
        _last = null;
        return last;
    }
}
