namespace AttentionLab.Models;

/// <summary>
/// A pass of a network whose file fixes the batch. The fixed number stands in shapes that were computed when the file was
/// written; a pass of the fixed size notes the shapes that they lead to, and other passes scale the first side of these.
/// </summary>
internal sealed class BatchRun
{
    private readonly long _declared;
    private readonly Dictionary<OnnxNode, long[]> _shapes = new(ReferenceEqualityComparer.Instance);

    /// <param name="declared">Pictures of the batch that the file fixes.</param>
    public BatchRun(long declared) => (_declared, Actual) = (declared, declared);

    /// <summary>The pictures of this pass.</summary>
    public long Actual { get; set; }

    /// <summary>Whether this pass has another number of pictures than the file fixes.</summary>
    public bool IsFreed => Actual != _declared;

    /// <summary>The shape that a node with a fixed shape makes in this pass.</summary>
    /// <param name="node">The node.</param>
    /// <param name="shape">What its fixed shape leads to.</param>
    public long[] Shape(OnnxNode node, long[] shape)
    {
        if (!IsFreed)
        {
            _shapes[node] = shape;
            return shape;
        }

        return _shapes.TryGetValue(node, out long[]? noted) && noted.Length > 0 && noted[0] % _declared == 0
            ? [noted[0] / _declared * Actual, .. noted[1..]]
            : shape;
    }
}
