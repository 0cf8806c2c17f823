namespace Microsoft.DotNet.Interactive.Formatting;

/// <summary>A formula as a cell's value: <c>(LaTeXString)@"$\alpha$"</c>. Notebooks show it set, pages too.</summary>
/// <param name="latexCode">LaTeX, in dollar signs where it is a formula alone.</param>
[TypeFormatterSource(typeof(LaTeXStringFormatterSource), PreferredMimeTypes = [MimeType])]
public sealed class LaTeXString(string latexCode)
{
    /// <summary>The MIME type of LaTeX.</summary>
    internal const string MimeType = "text/latex";

    private readonly string _code = latexCode ?? throw new ArgumentNullException(nameof(latexCode));

    /// <summary>LaTeX from its source.</summary>
#pragma warning disable CA2225 // the constructor is the named way
    public static implicit operator LaTeXString(string source) => new(source);
#pragma warning restore CA2225

    /// <summary>The source.</summary>
    public override string ToString() => _code;

    private sealed class LaTeXStringFormatterSource : ITypeFormatterSource
    {
        public IEnumerable<ITypeFormatter> CreateTypeFormatters() => [new LaTeXStringFormatter()];
    }

    private sealed class LaTeXStringFormatter : TypeFormatter<LaTeXString>
    {
        public override string MimeType => LaTeXString.MimeType;

        public override bool Format(LaTeXString instance, FormatContext context)
        {
            context.Writer.Write(instance);
            return true;
        }
    }
}
