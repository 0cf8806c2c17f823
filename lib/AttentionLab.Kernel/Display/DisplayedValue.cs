using AttentionLab.Kernel.Display;
using AttentionLab.Kernel.Session;

namespace Microsoft.DotNet.Interactive;

/// <summary>Something shown below a cell that can be replaced where it stands: a bar that grows, a chart that is live.</summary>
public sealed class DisplayedValue
{
    private readonly string[] _mimeTypes;
    private readonly bool _isText;

    internal DisplayedValue(string displayId, string[] mimeTypes, bool isText)
    {
        _isText = isText;
        DisplayId = displayId;
        _mimeTypes = mimeTypes;
    }

    /// <summary>The MIME types it is shown in; none for those that each value's type prefers.</summary>
    public IReadOnlyCollection<string> MimeTypes => _mimeTypes;

    internal string DisplayId { get; }

    /// <summary>Shows another value in its place, from this cell or any later one.</summary>
    public void Update(object? updatedValue) =>
        RunningCell.Current?.Output.Update(
            _isText && updatedValue is string text
                ? MimeBundle.OfText(text, _mimeTypes[0])
                : MimeBundle.Of(updatedValue, _mimeTypes),
            DisplayId
        );
}
