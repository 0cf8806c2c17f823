using System.Xml.Linq;
using AttentionLab.Explain;

namespace AttentionLab.Tests.Explain.Methods;

/// <summary>A reader finds what a method computes and where it was published in its documentation.</summary>
public sealed class DocumentationTests
{
    private static readonly Dictionary<string, XElement> Members = XDocument
        .Load(Path.ChangeExtension(typeof(ExplanationMethod).Assembly.Location, ".xml"))
        .Descendants("member")
        .ToDictionary(member => member.Attribute("name")!.Value);

    public static TheoryData<string> Methods => [.. ExplanationMethods.Names];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_method_says_its_formula_and_links_to_its_paper(string name)
    {
        XElement documentation = Members[$"T:{ExplanationMethods.Get(name).GetType().FullName}"];
        string? link = documentation
            .Descendants("see")
            .Select(see => see.Attribute("href")?.Value)
            .FirstOrDefault(href => href != null);
        Assert.StartsWith("https://", link);
        Assert.Matches(@"\$[^$]+\$", documentation.Element("remarks")!.Value);
        Assert.DoesNotContain('$', documentation.Element("summary")!.Value); // what a tool tip shows first is plain text
    }
}
