using System.Collections.Frozen;

namespace AttentionLab.Models;

/// <summary>Every operator that networks may use, family by family.</summary>
/// <remarks>
/// Written from the specification, https://onnx.ai/onnx/operators, with the changes between versions 6 and 22.
/// lib/docs/onnx.md lists them.
/// </remarks>
internal static class Operators
{
    private static readonly FrozenDictionary<string, OnnxOperator> All = new[]
    {
        ActivationOperators.Family,
        ArithmeticOperators.Family,
        ComparisonOperators.Family,
        ReductionOperators.Family,
        ConvolutionOperators.Family,
        PoolingOperators.Family,
        NormalizationOperators.Family,
        ProductOperators.Family,
        ShapeOperators.Family,
        IndexingOperators.Family,
        ResizingOperators.Family,
        CreationOperators.Family,
        SequenceOperators.Family,
        QuantizationOperators.Family,
        ChoiceOperators.Family,
    }
        .SelectMany(family => family)
        .ToFrozenDictionary();

    /// <summary>Their names, sorted.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Whether a node's operator is one of them.</summary>
    public static bool Has(OnnxNode node) =>
        node.Domain is "" && All.ContainsKey(node.Operator)
        || (node.Domain is "com.microsoft" && node.Operator is "Gelu" or "QuickGelu" && All.ContainsKey(node.Operator));

    /// <summary>Runs a node.</summary>
    /// <exception cref="InvalidDataException">It cannot be computed; the message names the node.</exception>
    public static IReadOnlyList<OnnxValue> Run(OperatorCall call)
    {
        try
        {
            return All[call.Node.Operator](call);
        }
        catch (Exception e) when (e is not (InvalidDataException or ObjectDisposedException))
        {
            throw call.Broken(FirstLine(e.Message), e);
        }
    }

    private static string FirstLine(string message) => message.Split('\n')[0].TrimEnd('.', '\r');
}
