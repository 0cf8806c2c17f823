using System.Text;
using AttentionLab.Host.Commands;
using AttentionLab.Kernel.Commands;
using AttentionLab.Models;

namespace AttentionLab.Host.Tests.Commands;

public sealed class ExploreCommandTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task The_address_is_a_line_of_its_own_and_Ctrl_C_ends_it()
    {
        using var stop = new CancellationTokenSource();
        using var output = new Lines(line => line.StartsWith("http", StringComparison.Ordinal));
        using var error = new StringWriter();
        Task<int> running = CommandLine.Program.RunAsync(
            ["explore", "--weights", Weights(), "--no-browser"],
            output,
            error,
            stop.Token
        );
        string address = await output.FirstAsync();
        Assert.Matches("^http://127\\.0\\.0\\.1:[0-9]+/[0-9a-f]{64}/$", address);
        using var http = new HttpClient();
        Assert.Contains(
            "<title>",
            await http.GetStringAsync(address, TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );

        await stop.CancelAsync();

        Assert.Equal(0, await running.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(address, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Wrong_usage_is_told()
    {
        Assert.Equal(ExitCode.Usage, await _workspace.Run("explore"));
        Assert.Contains("--weights", _workspace.Error, StringComparison.Ordinal);
        Assert.Equal(
            ExitCode.Usage,
            await _workspace.Run("explore", "--weights", Weights(), "--data", "shapes", "--pictures", "a.png")
        );
        Assert.Contains("one of --data and --pictures", _workspace.Error, StringComparison.Ordinal);
        Assert.Equal(
            ExitCode.Failed,
            await _workspace.Run("explore", "--weights", Weights(), "--compare", _workspace.At("none"))
        );
        Assert.Contains("none", _workspace.Error, StringComparison.Ordinal);
    }

    private string Weights()
    {
        string path = _workspace.At("se.safetensors");
        using var network = new TrainedNetwork(new SeCnn(), ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"])
        {
            Architecture = NetworkArchitecture.Get("se"),
        };
        network.Save(path);
        return path;
    }

    /// <summary>Text that is waited for.</summary>
    /// <param name="wanted">Which line.</param>
    private sealed class Lines(Func<string, bool> wanted) : StringWriter
    {
        private readonly TaskCompletionSource<string> _found = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override Encoding Encoding => Encoding.UTF8;

        public Task<string> FirstAsync() =>
            _found.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        public override void WriteLine(string? value)
        {
            if (value is not null && wanted(value))
            {
                _found.TrySetResult(value);
            }

            base.WriteLine(value);
        }

        public override Task WriteLineAsync(string? value)
        {
            WriteLine(value);
            return Task.CompletedTask;
        }
    }
}
