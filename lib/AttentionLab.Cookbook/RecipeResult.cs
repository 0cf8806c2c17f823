using AttentionLab.Figures;

namespace AttentionLab.Cookbook;

/// <summary>What a recipe displayed.</summary>
/// <param name="Recipe">Which one.</param>
/// <param name="Displayed">Figures, which hold plain numbers and outlive the run, and text, in the order shown.</param>
public sealed record RecipeResult(Recipe Recipe, IReadOnlyList<object> Displayed)
{
    /// <summary>The figures under the names of their files: the recipe's, with a number where there are several.</summary>
    public IReadOnlyList<(string FileName, Figure Figure)> Figures =>
        [.. Displayed.OfType<Figure>().Select((figure, i) => ($"{Recipe.Slug}{(i == 0 ? "" : $"-{i + 1}")}.png", figure))];

    /// <summary>All else in lines of words; empty where there are figures only.</summary>
    public string Text => string.Join('\n', Displayed.OfType<string>());

    /// <summary>Writes the figures as PNG files and the words as a text file into a folder that is there.</summary>
    /// <returns>The files' paths.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public IReadOnlyList<string> Save(string folder)
    {
        var files = new List<string>();
        foreach ((string name, Figure figure) in Figures)
        {
            files.Add(Path.Combine(folder, name));
            figure.Save(files[^1]);
        }

        if (Text.Length > 0)
        {
            files.Add(Path.Combine(folder, $"{Recipe.Slug}.txt"));
            File.WriteAllText(files[^1], Text + '\n');
        }

        return files;
    }
}
