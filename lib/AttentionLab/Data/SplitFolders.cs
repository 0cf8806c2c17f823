using System.Text.RegularExpressions;
using AttentionLab.Core;

namespace AttentionLab.Data;

/// <summary>
/// Which folders below a root are parts of a set that is split already, by their names: <c>train</c>, <c>training</c>,
/// <c>Train_Set</c>; <c>val</c>, <c>valid</c>, <c>validation</c>, <c>dev</c>; <c>test</c>, <c>testing</c>, <c>test2017</c>.
/// </summary>
/// <param name="Train">The folder to learn from; null where there is none.</param>
/// <param name="Validation">The folder to judge by while learning; null where there is none.</param>
/// <param name="Test">The folder to judge by in the end; null where there is none.</param>
/// <param name="Others">The folders beside them.</param>
internal sealed partial record SplitFolders(string? Train, string? Validation, string? Test, IReadOnlyList<string> Others)
{
    /// <summary>Looks at the names of folders.</summary>
    /// <param name="folders">Names, or paths, of folders that lie side by side.</param>
    /// <exception cref="InvalidDataException">Two could be the same part.</exception>
    public static SplitFolders Among(IReadOnlyList<string> folders)
    {
        ILookup<string, string> parts = folders.ToLookup(folder => PartOf(Path.GetFileName(folder)));
        return new SplitFolders(One("train"), One("validation"), One("test"), [.. parts[""]]);

        string? One(string part) =>
            parts[part].ToArray() switch
            {
                [] => null,
                [var only] => only,
                var several => throw new InvalidDataException(
                    $"{Excerpt.Of([.. several.Select(folder => Path.GetFileName(folder))])} in "
                        + $"{Path.GetDirectoryName(several[0])} could all be the {part} part: leave one of them, or rename the "
                        + "others."
                ),
            };
    }

    /// <summary>Whether there is a part of any kind.</summary>
    public bool Any => Train is not null || Held.Count > 0;

    /// <summary>What is kept back from learning, what judges in the end first.</summary>
    public IReadOnlyList<string> Held => [.. new[] { Test, Validation }.OfType<string>()];

    private static string PartOf(string folder) =>
        Name().Match(folder) is { Success: true } match
            ? match.Groups["part"].Value.ToUpperInvariant() switch
            {
                "TRAIN" or "TRAINING" or "TRN" => "train",
                "TEST" or "TESTING" or "TST" => "test",
                _ => "validation",
            }
            : "";

    [GeneratedRegex(
        @"^((data|dataset|images?|imgs?|pictures?|seg|set)[\W_]*)?(?<part>train(ing)?|trn|valid(ation)?|val|dev|test(ing)?|tst)([\W_]*(set|data|dataset|images?|imgs?|pictures?|split|folder|part))?[\W_]*\d*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Name();
}
