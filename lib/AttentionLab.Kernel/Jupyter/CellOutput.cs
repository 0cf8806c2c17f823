using System.Text.Json.Nodes;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Jupyter;

/// <summary>Sends what a cell shows to all clients, as caused by the request that runs it.</summary>
/// <param name="sockets">The way out.</param>
/// <param name="input">The way to ask the reader.</param>
/// <param name="request">The request; null for what runs before the first.</param>
/// <param name="executionCount">The N of [N].</param>
/// <param name="silent">Whether nothing is shown.</param>
internal sealed class CellOutput(
    KernelSockets sockets,
    ClientInput input,
    IncomingMessage? request,
    int executionCount,
    bool silent
) : IOutputSink
{
    /// <inheritdoc/>
    public void Write(string stream, string text) => Publish("stream", new() { ["name"] = stream, ["text"] = text });

    /// <inheritdoc/>
    public void Display(JsonObject data, string displayId) => Publish("display_data", Bundle(data, displayId));

    /// <inheritdoc/>
    public void Update(JsonObject data, string displayId) => Publish("update_display_data", Bundle(data, displayId));

    /// <inheritdoc/>
    public void Result(JsonObject data) =>
        Publish(
            "execute_result",
            new()
            {
                ["data"] = data,
                ["metadata"] = new JsonObject(),
                ["execution_count"] = executionCount,
            }
        );

    /// <inheritdoc/>
    public Task<string> AskAsync(string prompt, bool isPassword, CancellationToken cancellationToken) =>
        request is null
            ? throw new InvalidOperationException("No cell runs that could be asked for input.")
            : input.AskAsync(request, prompt, isPassword, cancellationToken);

    /// <summary>Shows why the cell failed.</summary>
    public void Error(CellError error) => Publish("error", ErrorContent(error));

    /// <summary>An error as messages hold it.</summary>
    public static JsonObject ErrorContent(CellError error) =>
        new()
        {
            ["ename"] = error.Name,
            ["evalue"] = error.Message,
            ["traceback"] = new JsonArray([.. error.Traceback.Select(line => JsonValue.Create(line))]),
        };

    private static JsonObject Bundle(JsonObject data, string displayId) =>
        new()
        {
            ["data"] = data,
            ["metadata"] = new JsonObject(),
            ["transient"] = new JsonObject { ["display_id"] = displayId },
        };

    private void Publish(string type, JsonObject content)
    {
        if (!silent)
        {
            sockets.Publish(type, request?.Header ?? OutgoingMessage.NoParent, content);
        }
    }
}
