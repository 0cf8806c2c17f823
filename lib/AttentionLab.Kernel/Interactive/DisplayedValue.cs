using System.Text.Json.Nodes;
using AttentionLab.Kernel.Display;
using AttentionLab.Kernel.Session;

namespace Microsoft.DotNet.Interactive;

/// <summary>Something shown below a cell that can be replaced where it stands: a bar that grows, a chart that is live.</summary>
public sealed class DisplayedValue
{
    private readonly string[] _mimeTypes;
    private readonly bool _isText;

    private DisplayedValue(string[] mimeTypes, bool isText)
    {
        _isText = isText;
        _mimeTypes = mimeTypes;
    }

    /// <summary>The MIME types it is shown in; none for those that each value's type prefers.</summary>
    public IReadOnlyCollection<string> MimeTypes => _mimeTypes;

    internal string DisplayId { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Shows another value in its place, from this cell or any later one.</summary>
    public void Update(object? updatedValue) =>
        RunningCell.Current?.Output.Update(
            _isText && updatedValue is string text
                ? MimeBundle.OfText(text, _mimeTypes[0])
                : MimeBundle.Of(updatedValue, _mimeTypes),
            DisplayId
        );

    /// <summary>Shows a value below the cell that runs.</summary>
    internal static DisplayedValue Show(object? value, string[] mimeTypes) =>
        Show(MimeBundle.Of(value, mimeTypes), mimeTypes, isText: false);

    /// <summary>Shows representations below the cell that runs.</summary>
    internal static DisplayedValue Show(JsonObject data, string[] mimeTypes, bool isText)
    {
        var displayed = new DisplayedValue(mimeTypes, isText);
        RunningCell.Current?.Output.Display(data, displayed.DisplayId);
        return displayed;
    }
}
