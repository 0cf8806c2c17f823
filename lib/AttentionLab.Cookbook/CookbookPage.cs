using System.Globalization;
using System.Text;
using AttentionLab.Figures;
using TorchSharp;

namespace AttentionLab.Cookbook;

/// <summary>The cookbook as a Markdown page, with its pictures in <c>images/cookbook</c> beside it.</summary>
public static class CookbookPage
{
    private const string Images = "images/cookbook";

    private const string Introduction = """
        # Cookbook

        Short recipes for single things; the [lessons](../../notebooks) explain them. A recipe with everything before it, ready
        for a notebook's cell, is printed by `dotnet run --project lib/AttentionLab.Host -- cookbook NAME`. Names that a recipe
        does not make are

        - `data`, 600 pictures of the built-in set to learn from and 500 to test with; `picture`, the first of the latter
        - `network`, trained on that set and loaded from [data/trained](../../data/trained); `model`, its module; `input`, three
          test pictures as it takes them
        - `photo`, a picture file; `onnxFile`, a small network in the ONNX format; `folder`, a place for files

        This page is generated from `lib/AttentionLab.Cookbook`, whose recipes are tests too. Numbers in the grey boxes are one
        machine's.

        """;

    /// <summary>
    /// Runs all recipes, in English and on one thread, on which results depend least on the machine.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller has cancelled between two recipes.</exception>
    public static IReadOnlyList<RecipeResult> RunAll(CancellationToken cancellationToken = default)
    {
        (CultureInfo culture, CultureInfo texts) = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        int threads = torch.get_num_threads();
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("en");
            torch.set_num_threads(1);
            return [.. Recipes.All.Select(Run)];
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (culture, texts);
            torch.set_num_threads(threads);
        }

        RecipeResult Run(Recipe recipe)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return recipe.Run();
        }
    }

    /// <summary>The page's text.</summary>
    public static string ToMarkdown(IReadOnlyList<RecipeResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var page = new StringBuilder(Introduction);
        IGrouping<string, RecipeResult>[] categories = [.. results.GroupBy(result => result.Recipe.Category)];
        foreach (IGrouping<string, RecipeResult> category in categories)
        {
            IEnumerable<string> links = category.Select(result => $"[{result.Recipe.Name}](#{result.Recipe.Slug})");
            page.Append(CultureInfo.InvariantCulture, $"\n**{category.Key}**: {string.Join(" · ", links)}  \n");
        }

        foreach (IGrouping<string, RecipeResult> category in categories)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {category.Key}\n");
            foreach (RecipeResult result in category)
            {
                page.Append(EntryOf(result));
            }
        }

        return page.ToString();
    }

    /// <summary>The pictures, by file name, at one pixel for each logical pixel.</summary>
    public static IEnumerable<(string FileName, byte[] Png)> Pictures(IReadOnlyList<RecipeResult> results) =>
        results.SelectMany(result => result.Figures).Select(each => (each.FileName, each.Figure.ToPng(scale: 1)));

    /// <summary>Writes page and pictures, and deletes pictures that no recipe shows any more.</summary>
    /// <param name="results">What <see cref="RunAll"/> returned.</param>
    /// <param name="path">The page's file.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Save(IReadOnlyList<RecipeResult> results, string path)
    {
        string folder = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, Images);
        Directory.CreateDirectory(folder);
        var kept = new HashSet<string>();
        foreach ((string name, byte[] png) in Pictures(results))
        {
            File.WriteAllBytes(Path.Combine(folder, name), png);
            kept.Add(name);
        }

        foreach (string old in Directory.GetFiles(folder, "*.png").Where(file => !kept.Contains(Path.GetFileName(file))))
        {
            File.Delete(old);
        }

        File.WriteAllText(path, ToMarkdown(results));
    }

    private static string EntryOf(RecipeResult result)
    {
        string code = string.Join('\n', new RecipeCode(result.Recipe).Body);
        var entry = new StringBuilder($"\n### {result.Recipe.Name}\n\n{result.Recipe.Sentence}\n\n```csharp\n{code}\n```\n");
        if (result.Text.Length > 0)
        {
            entry.Append(CultureInfo.InvariantCulture, $"\n```text\n{result.Text}\n```\n");
        }

        foreach ((string name, Figure figure) in result.Figures)
        {
            entry.Append(CultureInfo.InvariantCulture, $"\n![{figure.AltText}]({Images}/{name})\n");
        }

        return entry.ToString();
    }
}
