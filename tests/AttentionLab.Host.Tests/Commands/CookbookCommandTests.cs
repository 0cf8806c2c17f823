using AttentionLab.Cookbook;
using AttentionLab.Kernel.Commands;

namespace AttentionLab.Host.Tests.Commands;

public sealed class CookbookCommandTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Without_a_name_every_recipe_is_listed_under_its_category()
    {
        Assert.Equal(0, await _workspace.Run("cookbook"));
        string[] lines = _workspace.Output.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        Assert.Equal(Recipes.All.Select(recipe => recipe.Category).Distinct(), lines.Where(line => line[0] != ' '));
        Assert.Equal(Recipes.All.Select(recipe => $"  {recipe.Slug}: {recipe.Sentence}"), lines.Where(line => line[0] == ' '));
    }

    [Fact]
    public async Task A_name_prints_its_code()
    {
        Assert.Equal(0, await _workspace.Run("cookbook", "Grad-CAM"));
        Recipe recipe = Recipes.Get("grad-cam");
        Assert.Equal($"// Grad-CAM. {recipe.Sentence}\n{new RecipeCode(recipe).Whole}", _workspace.Output);
    }

    [Fact]
    public async Task A_folder_gets_what_it_shows()
    {
        Assert.Equal(0, await _workspace.Run("cookbook", "lines-and-points", "--out", _workspace.Out));
        Assert.Equal([0x89, 0x50, 0x4E, 0x47], File.ReadAllBytes(_workspace.At("out/lines-and-points.png"))[..4]);
        Assert.Equal(0, await _workspace.Run("cookbook", "weights-for-pytorch", "--out", _workspace.Out));
        Assert.Equal("31 of 31 weights loaded.\n", File.ReadAllText(_workspace.At("out/weights-for-pytorch.txt")));
        Assert.Equal(_workspace.At("out/weights-for-pytorch.txt"), _workspace.Output.Trim());
    }

    [Theory]
    [InlineData("'gradcam' is not a recipe. The command without a name lists them all.", "cookbook", "gradcam")]
    [InlineData("'grad' is not a recipe. Similar are grad-cam.", "cookbook", "grad")]
    [InlineData("--out runs one recipe: name it.", "cookbook", "--out", "seen")]
    [InlineData("--page writes all recipes: leave out the name and --out.", "cookbook", "grad-cam", "--page", "page.md")]
    public async Task Wrong_usage_is_said(string message, params string[] args)
    {
        Assert.Equal(ExitCode.Usage, await _workspace.Run(args));
        Assert.Equal(message, _workspace.Error.Trim());
    }
}
