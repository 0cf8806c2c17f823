using System.Globalization;
using System.Text.Json;
using AttentionLab.Core;

namespace AttentionLab.Models;

/// <summary>
/// A dictionary with tensors, in what <c>torch.save</c> was given: a state dict, a checkpoint that has one beside other things.
/// </summary>
internal sealed class StateDictionary
{
    /// <summary>An OrderedDict's attribute with text by name; <see cref="PyTorchFile"/> writes its metadata there.</summary>
    public const string MetadataName = "metadata";

    // A file of millions of dictionaries, or one that holds itself, is looked through no further.
    private const int MaxDepth = 8,
        MaxCount = 256;

    private static readonly string[] UsualKeys = ["state_dict", "model_state_dict", "model", ""];

    private StateDictionary(string key, PickleDictionary items, PickleDictionary? root)
    {
        Key = key;
        var metadata = new Dictionary<string, string>();
        if (root is not null)
        {
            AddText(root);
        }

        AddText(items);
        if (items.Attributes?[MetadataName] is PickleDictionary attributes)
        {
            AddText(attributes);
        }

        Metadata = metadata;
        foreach ((object? name, object? value) in items.Items)
        {
            if (value is PickleTensor tensor)
            {
                Tensors[
                    name as string
                        ?? throw new FormatException(
                            $"it has a tensor under a key that is not text ({(name is long ? $"{name}" : "of another type")})"
                        )
                ] = tensor;
            }
        }

        void AddText(PickleDictionary dictionary)
        {
            foreach ((object? name, object? value) in dictionary.Items)
            {
                if (name is string word && ToText(value) is { } text)
                {
                    metadata[word] = text;
                }
            }
        }
    }

    /// <summary>Where it stands: keys with dots between them, a list's by number; empty for the whole.</summary>
    public string Key { get; }

    public OrderedDictionary<string, PickleTensor> Tensors { get; } = [];

    /// <summary>
    /// Numbers, text and lists of text that stand beside the tensors and at the top, and the attribute
    /// <see cref="MetadataName"/>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>How usual it is for the weights to stand there, the most usual first: 0, 1, …; null where it is not.</summary>
    public int? Rank => Array.IndexOf(UsualKeys, Key) is >= 0 and var rank ? rank : null;

    /// <summary>
    /// All that hold tensors themselves, in the file's order; an empty one where the file holds nothing at all.
    /// </summary>
    /// <exception cref="FormatException">There are none.</exception>
    public static IReadOnlyList<StateDictionary> AllIn(object? root)
    {
        switch (root)
        {
            case PickleOpaque { Name: var name }:
                throw PickleGlobals.NotRun(name);
            case PickleGlobal { Name: var name }:
                throw PickleGlobals.NotRun(name);
            case PickleTensor:
                throw new FormatException("it holds a single tensor; in Python save model.state_dict()");
            case PickleDictionary { Items.Count: 0 } empty:
                return [new StateDictionary("", empty, null)];
        }

        var found = new List<StateDictionary>();
        Search("", root, []);
        return found.Count > 0 ? found
            : root is PickleDictionary top
                ? throw new FormatException(
                    $"it holds no state dict; its keys are {Excerpt.Of([.. top.Items.Select(Described)])}{Advice(top)}"
                )
            : throw new FormatException("it holds something else than a dictionary; in Python save model.state_dict()");

        void Search(string key, object? value, PickleDictionary[] above)
        {
            if (found.Count >= MaxCount || above.Length > MaxDepth)
            {
                return;
            }

            if (value is IReadOnlyList<object?> list && key.Length == 0)
            {
                for (int i = 0; i < Math.Min(list.Count, MaxCount); i++)
                {
                    if (list[i] is PickleDictionary item)
                    {
                        Search(i.ToString(CultureInfo.InvariantCulture), item, above);
                    }
                }
            }

            if (value is not PickleDictionary dictionary || above.Contains(dictionary))
            {
                return;
            }

            if (dictionary.Items.Any(item => item.Value is PickleTensor))
            {
                found.Add(new StateDictionary(key, dictionary, above.FirstOrDefault()));
            }

            foreach ((object? name, object? inner) in dictionary.Items)
            {
                // An optimizer's state stands under numbers.
                if (name is string word && inner is PickleDictionary)
                {
                    Search(key.Length == 0 ? word : $"{key}.{word}", inner, [.. above, dictionary]);
                }
            }
        }
    }

    /// <summary>
    /// The one that most likely is meant where nobody says which: the only one with weights of layers, or the one under the usual
    /// key.
    /// </summary>
    /// <exception cref="FormatException">It could be several.</exception>
    public static StateDictionary Usual(IReadOnlyList<StateDictionary> all)
    {
        StateDictionary[] some = [.. all.Where(each => each.HasLayers)];
        if (some.Length == 0)
        {
            some = [.. all];
        }

        return some is [var only] ? only
            : some.Where(each => each.Rank is not null).MinBy(each => each.Rank) is { } usual ? usual
            : some.Where(each => UsualKeys.Contains(each.Key.Split('.')[^1])).ToArray() is [var inner] ? inner
            : throw Ambiguous([.. some.Select(each => each.Key)]);
    }

    /// <summary>An error where several parts of a file could be meant.</summary>
    public static FormatException Ambiguous(IReadOnlyCollection<string> keys) =>
        new(
            $"it holds weights more than once: {Excerpt.Of(keys)}. Name those that are meant behind the file's name: "
                + $"FILE{TensorFile.KeyMark}{Excerpt.Of(keys.First())}"
        );

    /// <summary>Whether a tensor is called as the weights of a layer are; a random generator's state is not.</summary>
    private bool HasLayers => Tensors.Keys.Any(name => name == "weight" || name.EndsWith(".weight", StringComparison.Ordinal));

    private static string Described((object? Key, object? Value) item) =>
        (item.Key as string ?? "?") + (item.Value is PickleOpaque { Name: var name } ? $" ({name})" : "");

    private static string Advice(PickleDictionary top) =>
        top.Items.Any(item => item.Value is PickleOpaque)
            ? "; Python objects are not made here, so save model.state_dict() in their place"
            : "";

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
