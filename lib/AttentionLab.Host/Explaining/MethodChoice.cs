using AttentionLab.Explain;
using AttentionLab.Kernel.Commands;
using AttentionLab.Models;

namespace AttentionLab.Host.Explaining;

/// <summary>Methods by name, as <c>--method</c> takes them.</summary>
/// <param name="Methods">Of the library, in the order named.</param>
/// <param name="Weights">Whether the weights of the squeeze-and-excitation modules were asked for.</param>
/// <param name="Concepts">Whether the concepts of layers were asked for.</param>
/// <param name="IsAll">Whether the word "all" was used: what a network or a layer does not allow is then left out.</param>
internal sealed record MethodChoice(IReadOnlyList<ExplanationMethod> Methods, bool Weights, bool Concepts, bool IsAll)
{
    public const string All = "all";

    /// <summary>Not a map: the weights that the squeeze-and-excitation modules compute.</summary>
    public const string AttentionWeights = "se";

    /// <summary>Maps of no method and no class: a layer's activations of all pictures taken apart into concepts.</summary>
    public const string FeatureConcepts = "concepts";

    /// <summary>Every name, in the order of the library.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ExplanationMethods.Names, AttentionWeights, FeatureConcepts];

    /// <summary>Reads names, with commas between them; each counts once.</summary>
    /// <exception cref="UsageException">There is no such method, none is named, or it does not apply to the network.</exception>
    public static MethodChoice Parse(IEnumerable<string> texts, TrainedNetwork network)
    {
        bool hasAttention = network.Module.modules().OfType<IChannelAttention>().Any();
        string[] names =
        [
            .. texts.SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)),
        ];
        if (names.Length == 0)
        {
            throw new UsageException($"--method: name one of {string.Join(", ", Names)}, or {All}.");
        }

        bool all = names.Contains(All);
        var methods = new List<ExplanationMethod>(
            all ? ExplanationMethods.All.Where(method => method.AppliesTo(network.Module).IsApplicable) : []
        );
        bool weights = all && hasAttention;
        foreach (string name in names.Where(name => name is not (All or FeatureConcepts)))
        {
            bool isWeights = name == AttentionWeights;
            ExplanationMethod? method = isWeights ? null : Get(name);
            if (isWeights && !hasAttention)
            {
                throw new UsageException(
                    $"--method {name}: this network has no squeeze-and-excitation modules; the network of --model se has."
                );
            }

            if (method?.AppliesTo(network.Module) is { IsApplicable: false, Reason: { } reason })
            {
                throw new UsageException($"--method {name}: {reason}");
            }

            weights |= isWeights;
            if (method is not null && !methods.Contains(method))
            {
                methods.Add(method);
            }
        }

        return new MethodChoice(methods, weights, names.Contains(FeatureConcepts), all);
    }

    private static ExplanationMethod Get(string name)
    {
        try
        {
            return ExplanationMethods.Get(name);
        }
        catch (ArgumentException)
        {
            throw new UsageException(
                $"--method: \"{TypedText.Short(name)}\" is not a known method. Known are {string.Join(", ", Names)}, and {All}."
            );
        }
    }
}
