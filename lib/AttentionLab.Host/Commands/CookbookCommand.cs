using System.CommandLine;
using AttentionLab.Cookbook;
using AttentionLab.Kernel.Commands;

namespace AttentionLab.Host.Commands;

/// <summary>The command <c>cookbook</c>: lists recipes, prints one, runs it, writes the cookbook's page.</summary>
internal sealed class CookbookCommand
{
    public const string Name = "cookbook";

    public const string Examples = """
        Examples:
          {program} cookbook
              every recipe by category, with what it does
          {program} cookbook grad-cam
              its code with all that it needs, to paste into a cell of a notebook that references AttentionLab
          {program} cookbook grad-cam --out seen
              runs it and writes what it shows: seen/grad-cam.png, and seen/grad-cam.txt where it shows words
          {program} cookbook --page lib/docs/cookbook.md
              runs every recipe and writes the page with its pictures

        Recipes use the built-in picture set and the weights in data/trained.

        Exit codes: 0 done, 1 a file is missing or cannot be written, 2 wrong usage, 130 stopped by Ctrl+C.

        """;

    private readonly Argument<string?> _recipe = new("name")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "A recipe's name, with spaces or hyphens. Without one all are listed.",
    };

    private readonly Option<string?> _output = new("--out")
    {
        HelpName = "folder",
        Description = "Runs the recipe; gets the figures that it shows as PNG files, and its words as a text file.",
    };

    private readonly Option<string?> _page = new("--page")
    {
        HelpName = "file",
        Description = "Runs all recipes; gets the cookbook as Markdown, with its pictures in images/cookbook beside it.",
    };

    private CookbookCommand() { }

    /// <summary>The command with its options.</summary>
    public static Command Create() => new CookbookCommand().ToCommand();

    private Command ToCommand()
    {
        var command = new Command(Name, "Lists short recipes, and prints or runs one.") { _recipe, _output, _page };
        command.SetAction(
            (parsed, cancellationToken) =>
                CommandLine.ReportErrorsAsync(parsed, streams => RunAsync(parsed, streams, cancellationToken))
        );
        return command;
    }

    private Task<int> RunAsync(ParseResult parsed, InvocationConfiguration streams, CancellationToken cancellationToken)
    {
        string? name = parsed.GetValue(_recipe),
            folder = parsed.GetValue(_output),
            page = parsed.GetValue(_page);
        if (page is not null)
        {
            return name is null && folder is null
                ? WritePageAsync(OutputPath.File(_page, page), streams.Output, cancellationToken)
                : throw new UsageException("--page writes all recipes: leave out the name and --out.");
        }

        if (name is null)
        {
            return folder is null ? ListAsync(streams.Output) : throw new UsageException("--out runs one recipe: name it.");
        }

        Recipe recipe = Recipes.Get(name);
        return folder is null ? PrintAsync(recipe, streams.Output) : SaveAsync(recipe, folder, streams.Output);
    }

    private static async Task<int> ListAsync(TextWriter output)
    {
        foreach (IGrouping<string, Recipe> category in Recipes.All.GroupBy(recipe => recipe.Category))
        {
            await output.WriteLineAsync(category.Key).ConfigureAwait(false);
            foreach (Recipe recipe in category)
            {
                await output.WriteLineAsync($"  {recipe.Slug}: {recipe.Sentence}").ConfigureAwait(false);
            }
        }

        return 0;
    }

    private static async Task<int> PrintAsync(Recipe recipe, TextWriter output)
    {
        await output.WriteAsync($"// {recipe.Name}. {recipe.Sentence}\n{new RecipeCode(recipe).Whole}").ConfigureAwait(false);
        return 0;
    }

    private async Task<int> SaveAsync(Recipe recipe, string path, TextWriter output)
    {
        using OutputFolder folder = OutputFolder.Take(OutputPath.Folder(_output, path));
        foreach (string file in recipe.Run().Save(folder.Path))
        {
            await output.WriteLineAsync(file).ConfigureAwait(false);
        }

        return 0;
    }

    private static async Task<int> WritePageAsync(string path, TextWriter output, CancellationToken cancellationToken)
    {
        IReadOnlyList<RecipeResult> results = CookbookPage.RunAll(cancellationToken);
        CookbookPage.Save(results, path);
        await output.WriteLineAsync($"{results.Count} recipes: {path}").ConfigureAwait(false);
        return 0;
    }
}
