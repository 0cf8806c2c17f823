using System.Text.RegularExpressions;
using AttentionLab.Cookbook;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Host.Tests.Cookbook;

/// <summary>What the command prints runs in a notebook as it is.</summary>
public sealed class RecipeCodeTests
{
    [Fact]
    public async Task A_printed_recipe_runs_in_a_notebook()
    {
        using var engine = new CSharpEngine(Workspace.Repository);
        await RunAsync(engine, "references", References);
        foreach (Recipe recipe in Recipes.All.Where(recipe => !CookbookRun.Trains(recipe)))
        {
            await RunAsync(engine, recipe.Slug, InTheRepository(new RecipeCode(recipe).Whole));
        }
    }

    /// <summary>Training takes its time: such a recipe is compiled, as a method that nobody calls.</summary>
    [Fact]
    public async Task A_printed_recipe_that_trains_compiles_in_a_notebook()
    {
        using var engine = new CSharpEngine(Workspace.Repository);
        await RunAsync(engine, "references", References);
        foreach (Recipe recipe in Recipes.All.Where(CookbookRun.Trains))
        {
            string[] parts = new RecipeCode(recipe).Whole.Split("\n\n", 2);
            await RunAsync(engine, recipe.Slug, $"{parts[0]}\nvoid Uncalled()\n{{\n{parts[1]}\n}}");
        }
    }

    [Fact]
    public void A_cell_makes_what_the_body_names_and_nothing_else() =>
        Assert.Equal(
            """
            using AttentionLab.Data;
            using AttentionLab.Explain;
            using AttentionLab.Figures;
            using AttentionLab.Models;
            using static TorchSharp.torch;

            DataSet data = ShapeSet.Create(train: 600, test: 500);
            TrainedNetwork network = TrainedNetwork.Load("data/trained/Shapes se.safetensors");
            var model = (SeCnn)network.Module;
            Tensor input = network.ToInput([.. data.Test.Take(3).Select(test => test.Picture)]);

            var method = new GradCam();
            Explanation explanation = method.Explain(model, input).Single();

            display(HeatMapPanels.Of(data.Test, [0, 1, 2], explanation));

            """.ReplaceLineEndings("\n"),
            new RecipeCode(Recipes.Get("grad-cam")).Whole
        );

    private static string References =>
        $"#r \"{Workspace.Library}\"\n#r \"{Path.Combine(Path.GetDirectoryName(Workspace.Library)!, "TorchSharp.dll")}\"";

    /// <summary>Tests run in another folder than the repository's, which the paths start from.</summary>
    private static string InTheRepository(string code) =>
        Regex.Replace(code, "\"(data/trained|notebooks)/", $"\"{Workspace.Repository.Replace('\\', '/')}/$1/");

    private static async Task RunAsync(CSharpEngine engine, string name, string code)
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        ExecutionResult result = await engine.ExecuteAsync(code, name, new NotebookOutputs(), token);
        Assert.True(result.Error is null, $"{name}: {result.Error?.Message}\n{code}");
    }
}
