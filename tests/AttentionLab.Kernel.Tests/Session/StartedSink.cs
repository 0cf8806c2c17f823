using System.Text.Json.Nodes;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Tests.Session;

/// <summary>Tells when a cell shows its first value, and what was written.</summary>
internal sealed class StartedSink : IOutputSink
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task WaitUntilStarted(Task<ExecutionResult> running)
    {
        if (await Task.WhenAny(_started.Task, running) == running)
        {
            Assert.Fail($"The cell ended: {(await running).Error?.Message}");
        }
    }

    public string? Text { get; private set; }

    public void Write(string stream, string text) => Text += text;

    public void Display(JsonObject data, string displayId) => _started.TrySetResult();

    public void Update(JsonObject data, string displayId) { }

    public void Result(JsonObject data) { }
}
