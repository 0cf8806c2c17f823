namespace AttentionLab.Models;

/// <summary>Which of the state dicts in a file is meant.</summary>
/// <exception cref="FormatException">It could be several.</exception>
internal delegate StateDictionary StateDictionaryChoice(IReadOnlyList<StateDictionary> all);
