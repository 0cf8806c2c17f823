namespace AttentionLab.Evaluate;

/// <summary>
/// <see cref="Road"/> with the least relevant pixels taken away first: high when what the map leaves out is not needed.
/// </summary>
public sealed class RoadLeastRelevantFirst : Road
{
    /// <inheritdoc/>
    public override string Name => "road-lerf";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    private protected override ReadOnlySpan<int> TakenWhenOneStays(int[] order, int count) => order.AsSpan(order.Length - count);
}
