using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.Formatting;

namespace AttentionLab.Interactive;

/// <summary>
/// What a cell shows and replaces in place, under Jupyter too: .NET Interactive 1.0.712001 sends what its own <c>display</c>
/// shows and the updates there under different identifiers. Each value chooses its representations anew, so that a chart follows
/// a text.
/// </summary>
public sealed class LiveDisplay
{
    private readonly KernelInvocationContext _context;
    private readonly string _id = Guid.NewGuid().ToString();
    private readonly string[] _mimeTypes;

    private LiveDisplay(KernelInvocationContext context, string[] mimeTypes)
    {
        _context = context;
        _mimeTypes = mimeTypes;
    }

    /// <summary>Shows a value as output of the cell that runs.</summary>
    /// <param name="value">What is shown; null is shown as such.</param>
    /// <param name="mimeTypes">Its representations; without any those that its type prefers.</param>
    /// <exception cref="InvalidOperationException">No cell runs.</exception>
    public static LiveDisplay Show(object? value, params string[] mimeTypes)
    {
        var live = new LiveDisplay(
            KernelInvocationContext.Current ?? throw new InvalidOperationException("Only a cell that runs can show something."),
            mimeTypes
        );
        live._context.Publish(new DisplayedValueProduced(value, live._context.Command, live.Format(value), live._id));
        return live;
    }

    /// <summary>Shows another value in its place.</summary>
    /// <param name="value">What is shown from now on.</param>
    public void Update(object? value) => _context.Publish(new DisplayedValueUpdated(value, _id, _context.Command, Format(value)));

    private IReadOnlyList<FormattedValue> Format(object? value) => FormattedValue.CreateManyFromObject(value, _mimeTypes);
}
