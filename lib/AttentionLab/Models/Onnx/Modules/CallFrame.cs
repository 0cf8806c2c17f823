using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// What a module of a graph takes and gives beside the one tensor that <c>call</c> has room for. It is laid down just before
/// <c>call</c> and taken up by that module's <c>forward</c>.
/// </summary>
/// <param name="Target">The module.</param>
/// <param name="Inputs">All its inputs.</param>
/// <param name="Batch">The pass of a network with a fixed batch; null for other networks.</param>
internal sealed record CallFrame(nn.Module Target, OnnxValue?[] Inputs, BatchRun? Batch)
{
    [ThreadStatic]
    private static CallFrame? _next;

    /// <summary>All outputs, once the module ran.</summary>
    public IReadOnlyList<OnnxValue> Outputs { get; set; } = [];

    /// <summary>Lays a frame down for the call that follows.</summary>
    public static void Lay(CallFrame frame) => _next = frame;

    /// <summary>Takes the frame that was laid down for a module; null where it was called from outside.</summary>
    public static CallFrame? Take(nn.Module module)
    {
        CallFrame? frame = _next?.Target == module ? _next : null;
        _next = null;
        return frame;
    }
}
