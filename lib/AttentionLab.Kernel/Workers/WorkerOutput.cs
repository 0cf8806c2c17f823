using System.Text.Json.Nodes;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Workers;

/// <summary>Sends what cells show to the runner.</summary>
internal sealed class WorkerOutput(WorkerChannel channel) : IOutputSink
{
    /// <inheritdoc/>
    public void Write(string stream, string text) => channel.Send(new WorkerMessage.Text(stream, text));

    /// <inheritdoc/>
    public void Display(JsonObject data, string displayId) => channel.Send(new WorkerMessage.Display(data, displayId));

    /// <inheritdoc/>
    public void Update(JsonObject data, string displayId) => channel.Send(new WorkerMessage.Update(data, displayId));

    /// <inheritdoc/>
    public void Result(JsonObject data) => channel.Send(new WorkerMessage.Result(data));
}
