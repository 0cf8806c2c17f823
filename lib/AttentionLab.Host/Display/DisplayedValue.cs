using AttentionLab.Host.Display;
using AttentionLab.Host.Execution;

namespace Microsoft.DotNet.Interactive;

/// <summary>Something shown below a cell that can be replaced where it stands: a bar that grows, a chart that is live.</summary>
public sealed class DisplayedValue
{
    private readonly string[] _mimeTypes;

    internal DisplayedValue(string displayId, string[] mimeTypes)
    {
        DisplayId = displayId;
        _mimeTypes = mimeTypes;
    }

    /// <summary>The MIME types it is shown in; none for those that each value's type prefers.</summary>
    public IReadOnlyCollection<string> MimeTypes => _mimeTypes;

    internal string DisplayId { get; }

    /// <summary>Shows another value in its place, from this cell or any later one.</summary>
    public void Update(object? updatedValue) => RunningCell.Current?.Output.Update(MimeBundle.Of(updatedValue, _mimeTypes), DisplayId);
}
