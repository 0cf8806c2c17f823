namespace AttentionLab.Kernel.Tests.Display;

/// <summary>A chart whose formatters are found by convention, as AttentionLab's figures are.</summary>
[TypeFormatterSource(typeof(ChartSource), PreferredMimeTypes = ["application/vnd.plotly.v1+json", "image/png"])]
public sealed class Chart
{
    /// <summary>One transparent pixel.</summary>
    public const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
}

[AttributeUsage(AttributeTargets.Class)]
internal sealed class TypeFormatterSourceAttribute(Type formatterSourceType) : Attribute
{
    public Type FormatterSourceType { get; } = formatterSourceType;

    public string[] PreferredMimeTypes { get; set; } = [];
}

internal sealed class ChartSource
{
#pragma warning disable CA1822 // called by name on an instance
    public IEnumerable<object> CreateTypeFormatters() =>
        [new ChartFormatter("image/png"), new ChartFormatter("application/vnd.plotly.v1+json")];
}

internal sealed class ChartFormatter(string mimeType)
{
    public string MimeType => mimeType;

    public bool Format(object instance, TextWriter writer)
    {
        writer.Write(
            mimeType == "image/png" ? Chart.Png
            : instance is Chart ? """{"data":[{"type":"scatter","y":[1,2],"name":"</script><!--"}],"layout":{}}"""
            : "{ broken"
        );
        return true;
    }
}
