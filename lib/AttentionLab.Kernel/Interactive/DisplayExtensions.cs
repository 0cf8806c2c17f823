using System.Runtime.CompilerServices;
using AttentionLab.Kernel.Display;

namespace Microsoft.DotNet.Interactive;

/// <summary>Shows values below the cell that runs.</summary>
public static class DisplayExtensions
{
    /// <summary>Shows a value.</summary>
    /// <inheritdoc cref="Kernel.display(object?, string[])"/>
    public static DisplayedValue Display(this object? value, params string[] mimeTypes) => DisplayedValue.Show(value, mimeTypes);

    /// <summary>Shows a span's values.</summary>
    /// <inheritdoc cref="Kernel.display(object?, string[])"/>
    [OverloadResolutionPriority(-1)]
    public static DisplayedValue Display<T>(this ReadOnlySpan<T> values, params string[] mimeTypes) =>
        DisplayedValue.Show(values.ToArray(), mimeTypes);

    /// <summary>Shows text as what a MIME type says, <c>"text/markdown"</c> or <c>"text/html"</c> for example.</summary>
    /// <returns>A handle by which what is shown can be replaced.</returns>
    public static DisplayedValue DisplayAs(this string value, string mimeType)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(mimeType);
        return DisplayedValue.Show(MimeBundle.OfText(value, mimeType), [mimeType], isText: true);
    }

    /// <summary>
    /// Shows a sequence as a table: a column for each public property of its elements, or one column of values for numbers, texts
    /// and the like.
    /// </summary>
    /// <inheritdoc cref="Kernel.display(object?, string[])"/>
    public static DisplayedValue DisplayTable<T>(this IEnumerable<T>? value, params string[] mimeTypes) =>
        DisplayedValue.Show(value is null ? null : Table.Of(value), mimeTypes);
}
