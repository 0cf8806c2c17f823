using System.Text.RegularExpressions;
using AttentionLab.Cookbook;
using AttentionLab.Figures;
using SkiaSharp;

namespace AttentionLab.Host.Tests.Cookbook;

/// <summary>The committed page is what would be generated now.</summary>
public sealed partial class CookbookPageTests
{
    private const string Command = "dotnet run --project lib/AttentionLab.Host -- cookbook --page lib/docs/cookbook.md";

    private static readonly string Page = Path.Combine(Workspace.Repository, "lib", "docs", "cookbook.md"),
        Pictures = Path.Combine(Workspace.Repository, "lib", "docs", "images", "cookbook");

    [Fact]
    public void The_text_is_current()
    {
        string committed = Comparable(File.ReadAllText(Page).ReplaceLineEndings("\n")),
            now = Comparable(CookbookPage.ToMarkdown(CookbookRun.Results));
        string? other = now.Split('\n').Except(committed.Split('\n')).FirstOrDefault();
        Assert.True(committed == now, $"The page is not what the recipes make: \"{other}\". Run {Command}");
    }

    [Fact]
    public void The_pictures_are_current()
    {
        Assert.Equal(
            CookbookRun.Results.SelectMany(result => result.Figures).Select(each => each.FileName).Order(StringComparer.Ordinal),
            Directory.GetFiles(Pictures).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        Assert.All(CookbookRun.Results, AssertPicturesAreCurrent);
    }

    [Fact]
    public void The_pictures_are_small() =>
        Assert.InRange(Directory.GetFiles(Pictures).Sum(file => new FileInfo(file).Length), 1, 1_600_000);

    /// <summary>Every link of the page's list leads to a heading.</summary>
    [Fact]
    public void Anchors_are_headings()
    {
        string page = File.ReadAllText(Page);
        string[] headings =
        [
            .. Heading().Matches(page).Select(match => match.Groups[1].Value.TrimEnd('\r').ToLowerInvariant().Replace(' ', '-')),
        ];
        Assert.All(Anchor().Matches(page), match => Assert.Contains(match.Groups[1].Value, headings));
    }

    /// <summary>
    /// Processors round differently. Maps of trained weights then differ by some of 255 levels at most, what was just trained by
    /// more: there only the size, and that it is much the same picture, can be asked.
    /// </summary>
    private static void AssertPicturesAreCurrent(RecipeResult result)
    {
        double allowed = CookbookRun.Trains(result.Recipe) ? 48 : 2;
        foreach ((string name, Figure figure) in result.Figures)
        {
            using SKBitmap committed = SKBitmap.Decode(Path.Combine(Pictures, name)),
                now = SKBitmap.Decode(figure.ToPng(scale: 1));
            Assert.Equal((committed.Width, committed.Height), (now.Width, now.Height));
            double mean = committed.Bytes.Zip(now.Bytes).Average(pair => Math.Abs(pair.First - pair.Second));
            Assert.True(mean <= allowed, $"{name} differs by {mean:f1} of 255 on average; {allowed} are allowed. Run {Command}");
        }
    }

    /// <summary>Numbers of outputs and of alternative texts, and what a network just trained predicts, are one machine's.</summary>
    private static string Comparable(string page) =>
        Result().Replace(page, block => Predicted().Replace(Number().Replace(block.Value, "#"), "predicted ?"));

    [GeneratedRegex(@"^```text\n.*?^```$|^!\[.*?\]\(", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Result();

    [GeneratedRegex(@"[−-]?\d+([.,]\d+)*(e[−-]?\d+)?")]
    private static partial Regex Number();

    [GeneratedRegex(@"predicted \w+")]
    private static partial Regex Predicted();

    [GeneratedRegex(@"^### (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\(#(.+?)\)")]
    private static partial Regex Anchor();
}
