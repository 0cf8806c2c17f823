namespace AttentionLab.Figures;

/// <summary>
/// Tells .NET notebooks which formatters a type brings along. They look for an attribute of this name in any assembly,
/// so the library needs no notebook package.
/// </summary>
/// <param name="formatterSourceType">A type with a constructor without parameters and a method
/// <c>CreateTypeFormatters</c>.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class TypeFormatterSourceAttribute(Type formatterSourceType) : Attribute
{
    private string[] _preferredMimeTypes = [];

    /// <summary>The type that makes the formatters.</summary>
    public Type FormatterSourceType { get; } = formatterSourceType;

    /// <summary>Whether the type's HTML holds a chart of Plotly's.</summary>
    public bool HtmlNeedsPlotly { get; set; } = true;

    /// <summary>
    /// The mime types to show, best first. Plotly's and the HTML that holds it are left out where Plotly.NET cannot be loaded
    /// (the last .NET Interactive carries an older FSharp.Core), so that the PNG is shown instead of an error.
    /// </summary>
    public string[] PreferredMimeTypes
    {
        get =>
            [
                .. _preferredMimeTypes.Where(m =>
                    !(m == FigureFormatterSource.Plotly || (m == FigureFormatterSource.Html && HtmlNeedsPlotly))
                    || FigureFormatterSource.CanUsePlotly
                ),
            ];
        set => _preferredMimeTypes = value;
    }
}
