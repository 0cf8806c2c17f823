using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using AttentionLab.Kernel.Display;
using AttentionLab.Kernel.Session;
using Microsoft.AspNetCore.Html;

// The names and the namespace are .NET Interactive's, so that one notebook runs in both.
namespace Microsoft.DotNet.Interactive;

/// <summary>What every cell can call without a using.</summary>
public static class Kernel
{
    /// <summary>Shows a value below the cell that runs.</summary>
    /// <param name="value">What to show.</param>
    /// <param name="mimeTypes">The representations wanted; without any, those the value's type prefers.</param>
    /// <returns>A handle by which what is shown can be replaced.</returns>
#pragma warning disable IDE1006 // the name notebooks know
    public static DisplayedValue display(object? value, params string[] mimeTypes) =>
        Show(MimeBundle.Of(value, mimeTypes), new DisplayedValue(Guid.NewGuid().ToString("N"), mimeTypes, isText: false));
#pragma warning restore IDE1006

    /// <summary>Marks text as HTML, so that it is shown as such.</summary>
    public static IHtmlContent HTML(string content) => new HtmlString(content);

    /// <summary>Shows a value below the cell that runs.</summary>
    /// <param name="value">What to show.</param>
    /// <param name="mimeTypes">The representations wanted; without any, those the value's type prefers.</param>
    /// <returns>A handle by which what is shown can be replaced.</returns>
    public static DisplayedValue Display(this object? value, params string[] mimeTypes) => display(value, mimeTypes);

    /// <summary>Shows a span's values below the cell that runs.</summary>
    /// <inheritdoc cref="display(object?, string[])"/>
    [OverloadResolutionPriority(-1)] // an array is an object first
#pragma warning disable IDE1006 // the name notebooks know
    public static DisplayedValue display<T>(ReadOnlySpan<T> values, params string[] mimeTypes) =>
        display(values.ToArray(), mimeTypes);
#pragma warning restore IDE1006

    /// <summary>Shows a span's values below the cell that runs.</summary>
    /// <inheritdoc cref="display(object?, string[])"/>
    [OverloadResolutionPriority(-1)]
    public static DisplayedValue Display<T>(this ReadOnlySpan<T> values, params string[] mimeTypes) =>
        display(values.ToArray(), mimeTypes);

    /// <summary>Shows text as what a MIME type says, <c>"text/markdown"</c> or <c>"text/html"</c> for example.</summary>
    /// <returns>A handle by which what is shown can be replaced.</returns>
    public static DisplayedValue DisplayAs(this string value, string mimeType)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(mimeType);
        return Show(
            MimeBundle.OfText(value, mimeType),
            new DisplayedValue(Guid.NewGuid().ToString("N"), [mimeType], isText: true)
        );
    }

    /// <summary>Asks the reader for a line of text, in a box that the client shows.</summary>
    /// <param name="prompt">What stands beside the box.</param>
    /// <param name="typeHint">What is asked for: "text", "password" …; clients of Jupyter know these two.</param>
    /// <exception cref="InvalidOperationException">Nobody can be asked: the client takes no input, or the notebook is run without
    /// one.</exception>
    public static Task<string> GetInputAsync(string prompt = "", string typeHint = "text") =>
        RunningCell.Current is { } cell
            ? cell.Output.AskAsync(prompt, typeHint == "password", cell.CancellationToken)
            : throw new InvalidOperationException("No cell runs that could ask for input.");

    /// <summary>Asks the reader for a password; what is typed is hidden.</summary>
    /// <inheritdoc cref="GetInputAsync"/>
    public static async Task<PasswordString> GetPasswordAsync(string prompt = "") =>
        new(await GetInputAsync(prompt, "password").ConfigureAwait(false));

    private static DisplayedValue Show(JsonObject data, DisplayedValue displayed)
    {
        RunningCell.Current?.Output.Display(data, displayed.DisplayId);
        return displayed;
    }
}
