using System.Diagnostics;
using System.Text.Json.Nodes;
using AttentionLab.Host.Commands;
using AttentionLab.Kernel.Tests.Jupyter;

namespace AttentionLab.Host.Tests.Commands;

/// <summary>
/// The notebook engine inside the program, whose build leaves out what ASP.NET brings: its worker and its kernel start all the same.
/// </summary>
public sealed class NotebookProcessTests : IDisposable
{
    // Formats HTML, whose type lies in ASP.NET here.
    private const string Html = "new Microsoft.AspNetCore.Html.HtmlString(\"<b>\" + 6 * 7 + \"</b>\")";

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task The_worker_that_the_program_starts_runs_a_cell()
    {
        _workspace.Notebook("html.ipynb", Html);

        await RunAsync("run", _workspace.At("html.ipynb"), "--out", _workspace.Out);

        Assert.Equal("<b>42</b>", (string?)Assert.Single(_workspace.Outputs("html.ipynb", 1))!["data"]!["text/html"]);
    }

    [Fact]
    public async Task The_kernelspec_that_the_program_installs_starts()
    {
        await RunAsync("install", "--prefix", _workspace.Folder);
        string file = _workspace.At("share/jupyter/kernels/.net-csharp/kernel.json");
        JsonNode spec = JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!;
        string[] argv = [.. spec["argv"]!.AsArray().Select(word => (string)word!)];

        using var kernel = new KernelClient(command => new ProcessStartInfo(
            argv[0],
            argv[1..].Select(word => word == "{connection_file}" ? command[^1] : word)
        ));

        Assert.Equal("<b>42</b>", (string?)kernel.Execute(Html).Outputs[0].Content["data"]!["text/html"]);
    }

    private static async Task RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(CommandLine).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, error + await output);
    }
}
