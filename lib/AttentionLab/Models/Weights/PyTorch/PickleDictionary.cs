namespace AttentionLab.Models;

/// <summary>A Python dict or OrderedDict out of a pickle, in its order.</summary>
internal sealed class PickleDictionary
{
    // Made when first needed: one byte of a pickle makes a dictionary.
    private List<(object? Key, object? Value)>? _items;

    public IReadOnlyList<(object? Key, object? Value)> Items => _items ?? (IReadOnlyList<(object?, object?)>)[];

    /// <summary>An OrderedDict's attributes; null when it has none.</summary>
    public PickleDictionary? Attributes { get; set; }

    public void Add(object? key, object? value) => (_items ??= []).Add((key, value));

    /// <summary>The value last set under a name; null when there is none.</summary>
    public object? this[string name] => _items?.FindLast(item => item.Key is string key && key == name).Value;
}
