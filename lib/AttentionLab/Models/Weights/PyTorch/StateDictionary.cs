using System.Globalization;
using System.Text.Json;

namespace AttentionLab.Models;

/// <summary>The weights in what <c>torch.save</c> was given: a state dict, or a checkpoint that has one beside other things.</summary>
internal sealed class StateDictionary
{
    /// <summary>An OrderedDict's attribute with text by name; <see cref="PyTorchFile"/> writes its metadata there.</summary>
    public const string MetadataName = "metadata";

    private static readonly string[] UsualNames = ["state_dict", "model_state_dict", "model"];

    /// <exception cref="FormatException">There are no weights in it, or it does not say which.</exception>
    public StateDictionary(object? root)
    {
        if (root is not PickleDictionary top)
        {
            throw new FormatException(
                $"it holds {(root is PickleTensor ? "a single tensor" : "something else than a dictionary")}; in Python save model.state_dict()"
            );
        }

        PickleDictionary weights = Choose(top);
        var metadata = new Dictionary<string, string>();
        AddText(top);
        AddText(weights);
        if (weights.Attributes?[MetadataName] is PickleDictionary attributes)
        {
            AddText(attributes);
        }

        Metadata = metadata;
        foreach ((object? key, object? value) in weights.Items)
        {
            if (value is PickleTensor tensor)
            {
                Tensors[
                    key as string
                        ?? throw new FormatException(
                            $"it has a tensor under a key that is no text ({(key is long ? $"{key}" : "of another type")})"
                        )
                ] = tensor;
            }
        }

        void AddText(PickleDictionary dictionary)
        {
            foreach ((object? key, object? value) in dictionary.Items)
            {
                if (key is string name && ToText(value) is { } text)
                {
                    metadata[name] = text;
                }
            }
        }
    }

    public OrderedDictionary<string, PickleTensor> Tensors { get; } = [];

    /// <summary>Numbers, text and lists of text that stand beside the tensors, and the attribute <see cref="MetadataName"/>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    private static PickleDictionary Choose(PickleDictionary top)
    {
        foreach (string name in UsualNames)
        {
            if (top[name] is PickleDictionary usual)
            {
                return usual;
            }
        }

        if (top.Items.Count == 0 || HasTensors(top))
        {
            return top;
        }

        PickleDictionary[] candidates = [.. top.Items.Select(item => item.Value).OfType<PickleDictionary>().Where(HasTensors)];
        return candidates.Length == 1
            ? candidates[0]
            : throw new FormatException(
                $"it holds {(candidates.Length == 0 ? "no" : "more than one")} state dict; its keys are {string.Join(", ", top.Items.Select(item => item.Key as string ?? "?").Take(20))}"
            );
    }

    private static bool HasTensors(PickleDictionary dictionary) => dictionary.Items.Any(item => item.Value is PickleTensor);

    private static string? ToText(object? value) =>
        value switch
        {
            string text => text,
            bool truth => truth ? "true" : "false",
            long or double => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
            List<object?> { Count: > 0 } list when list.TrueForAll(item => item is string) => JsonSerializer.Serialize(
                list.Cast<string>()
            ),
            _ => null,
        };
}
