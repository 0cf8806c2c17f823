using System.Globalization;
using AttentionLab.Core;

namespace AttentionLab.Evaluate;

/// <summary>
/// The pointing game: 1 when the map's maximum lies on the object, else 0. Of several equal maxima it is the share that lies
/// there, what one of them picked at random would score; so a map of equal values, also a blank one, scores chance.
/// </summary>
/// <remarks>
/// <see href="https://arxiv.org/abs/1608.00507">Zhang et al., "Top-down neural attention by excitation backprop", ECCV
/// 2016</see>, section 5.1.
/// </remarks>
public sealed class PointingGame : LocalizationMeasure
{
    /// <inheritdoc/>
    public override string Name => "pointing-game";

    /// <summary>
    /// How far beside the object the maximum may lie, in pixels from centre to centre. The paper allows 15, in pictures of some
    /// 500.
    /// </summary>
    public double Tolerance { get; init; }

    /// <inheritdoc/>
    protected override double ScoreOf(Heatmap map, ReadOnlySpan<byte> mask)
    {
        ArgumentNullException.ThrowIfNull(map);
        int maxima = 0,
            hits = 0;
        for (int i = 0; i < map.Length; i++)
        {
            if (map.Values[i] == map.Max)
            {
                maxima++;
                hits += IsHit(i / map.Width, i % map.Width, map.Width, mask) ? 1 : 0;
            }
        }

        return (double)hits / maxima;
    }

    private bool IsHit(int y, int x, int width, ReadOnlySpan<byte> mask)
    {
        if (Tolerance is not (>= 0 and < double.PositiveInfinity))
        {
            throw new InvalidOperationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"A tolerance is a number of pixels, 0 or more; this one is {Tolerance}."
                )
            );
        }

        int reach = (int)Math.Min(Tolerance, mask.Length),
            height = mask.Length / width;
        for (int v = Math.Max(y - reach, 0); v <= Math.Min(y + reach, height - 1); v++)
        {
            for (int u = Math.Max(x - reach, 0); u <= Math.Min(x + reach, width - 1); u++)
            {
                if (IsObject(mask[(v * width) + u]) && ((v - y) * (v - y)) + ((u - x) * (u - x)) <= Tolerance * Tolerance)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
