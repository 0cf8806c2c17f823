using AttentionLab.Cookbook;

namespace AttentionLab.Host.Tests.Cookbook;

/// <summary>One run of the whole cookbook, which its tests share.</summary>
internal static class CookbookRun
{
    private static readonly Lazy<IReadOnlyList<RecipeResult>> Run = new(() => CookbookPage.RunAll());

    public static IReadOnlyList<RecipeResult> Results => Run.Value;

    /// <summary>The name of every recipe, for theories.</summary>
    public static TheoryData<string> Names => [.. Recipes.All.Select(recipe => recipe.Slug)];

    public static RecipeResult Of(string name) => Results.Single(result => result.Recipe.Slug == name);

    /// <summary>Whether a recipe trains a network: two processors then end with different weights.</summary>
    public static bool Trains(Recipe recipe) => new RecipeCode(recipe).Whole.Contains(".Fit(", StringComparison.Ordinal);
}
