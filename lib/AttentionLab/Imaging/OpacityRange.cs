using System.Runtime.CompilerServices;

namespace AttentionLab.Imaging;

/// <summary>How much of what lies below is hidden, in [0, 1].</summary>
internal static class OpacityRange
{
    /// <exception cref="ArgumentOutOfRangeException">The value lies outside [0, 1] or is NaN.</exception>
    public static void ThrowUnlessInside(double opacity, [CallerArgumentExpression(nameof(opacity))] string? name = null)
    {
        if (!(opacity is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(name, opacity, "An opacity lies between 0, invisible, and 1, opaque.");
        }
    }
}
