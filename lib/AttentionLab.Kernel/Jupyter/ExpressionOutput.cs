using System.Text.Json.Nodes;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Jupyter;

/// <summary>
/// Keeps the value of one of a request's user_expressions; what it shows besides goes where its cell's output goes.
/// </summary>
internal sealed class ExpressionOutput(IOutputSink cell) : IOutputSink
{
    /// <summary>The value's representations.</summary>
    public JsonObject Value { get; private set; } = [];

    /// <inheritdoc/>
    public void Write(string stream, string text) => cell.Write(stream, text);

    /// <inheritdoc/>
    public void Display(JsonObject data, string displayId) => cell.Display(data, displayId);

    /// <inheritdoc/>
    public void Update(JsonObject data, string displayId) => cell.Update(data, displayId);

    /// <inheritdoc/>
    public void Result(JsonObject data) => Value = data;

    /// <inheritdoc/>
    public Task<string> AskAsync(string prompt, bool isPassword, CancellationToken cancellationToken) =>
        cell.AskAsync(prompt, isPassword, cancellationToken);
}
