namespace AttentionLab.Evaluate;

/// <summary>
/// <see cref="Road"/> with the most relevant pixels taken away first: low when the map finds what the model needs.
/// </summary>
public sealed class RoadMostRelevantFirst : Road
{
    /// <inheritdoc/>
    public override string Name => "road-morf";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    private protected override ReadOnlySpan<int> TakenWhenOneStays(int[] order, int count) => order.AsSpan(0, count);
}
