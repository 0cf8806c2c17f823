using System.Text.RegularExpressions;
using AttentionLab.Cookbook;
using AttentionLab.Figures;
using SkiaSharp;

namespace AttentionLab.Host.Tests.Cookbook;

public sealed partial class RecipeTests
{
    public static TheoryData<string> Names => CookbookRun.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void A_recipe_shows_something(string name)
    {
        RecipeResult result = CookbookRun.Of(name);
        Assert.NotEmpty(result.Displayed);
        Assert.All(result.Displayed.OfType<string>(), Assert.NotEmpty);
        Assert.All(result.Figures, each => AssertNotBlank(each.Figure));
    }

    /// <summary>An object that no one taught to speak says its type; a temporary folder has another name in each run.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void What_it_says_is_for_a_reader(string name)
    {
        string text = CookbookRun.Of(name).Text;
        Assert.DoesNotMatch(TypeName(), text);
        Assert.DoesNotContain("attentionlab-cookbook-", text, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_body_has_three_to_twelve_lines(string name) =>
        Assert.InRange(new RecipeCode(Recipes.Get(name)).Body.Count(line => line.Length > 0), 3, 12);

    /// <summary>Nothing else than these letters makes an anchor that GitHub spells alike.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void A_name_is_short_and_a_sentence_is_one(string name)
    {
        Recipe recipe = Recipes.Get(name);
        Assert.Matches("^[A-Za-z0-9][A-Za-z0-9 -]{2,39}$", recipe.Name);
        Assert.DoesNotContain("--", recipe.Name.Replace(' ', '-'), StringComparison.Ordinal);
        Assert.Matches(@"^[A-Z].{10,120}[^.]\.$", recipe.Sentence);
        Assert.DoesNotContain(". ", recipe.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_unique() =>
        Assert.Equal(Recipes.All.Count, Recipes.All.Select(recipe => recipe.Slug).Distinct().Count());

    [Fact]
    public void Every_recipe_is_listed_once_and_categories_stand_together()
    {
        Type[] all = [.. typeof(Recipe).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Recipe)))];
        Assert.Equal(
            all.Select(type => type.FullName).Order(StringComparer.Ordinal),
            Recipes.All.Select(recipe => recipe.GetType().FullName).Order(StringComparer.Ordinal)
        );
        string[] categories = [.. Recipes.All.Select(recipe => recipe.Category)];
        int changes = categories.Zip(categories.Skip(1)).Count(pair => pair.First != pair.Second);
        Assert.Equal(categories.Distinct().Count() - 1, changes);
    }

    [Fact]
    public void A_recipe_is_found_by_its_name_or_its_slug()
    {
        Recipe recipe = Recipes.Get("Grad-CAM");
        Assert.Same(recipe, Recipes.Get("grad-cam"));
        Assert.Same(Recipes.Get("a network of your own"), Recipes.Get("a-network-of-your-own"));
        string message = Assert.Throws<ArgumentException>(() => Recipes.Get("cam")).Message;
        Assert.Contains("Similar are grad-cam.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_displayed_stays_as_it_was()
    {
        RecipeResult result = new Counting().Run();
        Assert.Equal(["1", "1\n2"], result.Displayed);
        Assert.Throws<InvalidOperationException>(() => new Failing().Run());
    }

    private static void AssertNotBlank(Figure figure)
    {
        using SKBitmap pixels = SKBitmap.Decode(figure.ToPng(scale: 1));
        int drawn = pixels.Pixels.Count(pixel => pixel != SKColors.White);
        Assert.True(drawn > pixels.Pixels.Length / 100, $"{drawn} of {pixels.Pixels.Length} pixels are drawn.");
    }

    [GeneratedRegex(@"\b(AttentionLab|System|TorchSharp)\.\w|`\d")]
    private static partial Regex TypeName();

    private sealed class Counting : Recipe
    {
        public override string Name => "Counting";

        public override string Sentence => "Shows a list before and after it grows.";

        protected override void Execute()
        {
            List<int> numbers = [1];
            display(numbers);
            numbers.Add(2);
            display(numbers);
        }
    }

    private sealed class Failing : Recipe
    {
        public override string Name => "Failing";

        public override string Sentence => "Fails.";

        protected override void Execute() => throw new ArgumentException("as meant");
    }
}
