using System.Text.RegularExpressions;
using System.Xml.Linq;
using AttentionLab.Explain;
using AttentionLab.Kernel.Html;

namespace AttentionLab.Host.Tests.Docs;

/// <summary>The API pages set what stands between dollar signs in documentation comments as formulas, with KaTeX.</summary>
public sealed partial class FormulaTests
{
    [Fact]
    public void KaTeX_reads_every_formula_of_the_documentation()
    {
        string[] formulas =
        [
            .. XDocument
                .Load(Path.ChangeExtension(typeof(ExplanationMethod).Assembly.Location, ".xml"))
                .Descendants("member")
                .SelectMany(member => BetweenDollars().Matches(member.Value))
                .Select(match => match.Groups[1].Value),
        ];
        Assert.True(formulas.Length > 40, $"{formulas.Length} formulas");
        Assert.All(formulas, formula => Assert.StartsWith("<math", MathOf(formula)));
    }

    /// <summary>Without the <c>span</c> that KaTeX puts around; its source as <c>code</c> where KaTeX cannot read it.</summary>
    private static string MathOf(string formula) => SpanStart().Replace(Formula.ToHtml(formula, display: false), "");

    [GeneratedRegex(@"\$([^$]+)\$")]
    private static partial Regex BetweenDollars();

    [GeneratedRegex("^<span[^>]*>")]
    private static partial Regex SpanStart();
}
