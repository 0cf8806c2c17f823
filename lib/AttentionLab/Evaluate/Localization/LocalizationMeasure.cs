using AttentionLab.Core;

namespace AttentionLab.Evaluate;

/// <summary>
/// Does the map lie on the object? Compares a map at the picture's size (<see cref="EvaluationTrial.MapOf"/>) with the object's
/// mask; no pass through the model. A pixel is the object's where it covers at least half of it. A picture without such a pixel
/// has no score: NaN. A map that says nothing scores chance.
/// </summary>
/// <remarks>
/// A network may look elsewhere and be right: a low score then speaks of the network, not of the map. So a shortcut is found.
/// </remarks>
public abstract class LocalizationMeasure : EvaluationMeasure
{
    private const byte Half = 128;

    /// <inheritdoc/>
    public sealed override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public sealed override bool NeedsMasks => true;

    /// <summary>Measures one map.</summary>
    /// <param name="map">H×W, the picture's size.</param>
    /// <param name="mask">The object's coverage of each pixel, H·W, 0 to 255.</param>
    /// <returns>In [0, 1]; NaN when the mask has no pixel of the object.</returns>
    /// <exception cref="ArgumentException">The map has another number of pixels than the mask.</exception>
    public double Of(Heatmap map, ReadOnlySpan<byte> mask)
    {
        ArgumentNullException.ThrowIfNull(map);
        map.ThrowUnlessCovers(mask);
        return mask.ContainsAnyInRange(Half, byte.MaxValue) ? ScoreOf(map, mask) : double.NaN;
    }

    /// <summary>What a map of equal values scores, which says nothing: chance.</summary>
    internal double[] ChanceOf(EvaluationTrial trial)
    {
        var values = new float[trial.Height * trial.Width];
        Array.Fill(values, 1);
        var even = new Heatmap((trial.Height, trial.Width), values);
        return [.. trial.Masks!.Select(mask => Of(even, mask))];
    }

    /// <inheritdoc/>
    protected sealed override double[] ScoresOf(EvaluationTrial trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        return [.. trial.Masks!.Select((mask, picture) => Of(trial.MapOf(picture), mask))];
    }

    /// <summary>Measures a finite map by a mask of as many pixels that has some of the object's.</summary>
    protected abstract double ScoreOf(Heatmap map, ReadOnlySpan<byte> mask);

    /// <summary>Whether a pixel is the object's.</summary>
    private protected static bool IsObject(byte coverage) => coverage >= Half;
}
