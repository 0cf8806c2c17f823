using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace AttentionLab.Host.Tests.Browser;

/// <summary>VS Code as code-server serves it to a browser, with the Jupyter extension and this build's kernel.</summary>
internal sealed class CodeServer : IAsyncDisposable
{
    private readonly Workspace _workspace = new();
    private readonly Process _process;

    private CodeServer(string program, string extensions)
    {
        _workspace.Write("data/User/settings.json", Settings);
        int port = FreePort();
        Address = $"http://127.0.0.1:{port}/?folder={_workspace.At("notebooks")}";
        ProcessStartInfo start = new(program)
        {
            ArgumentList =
            {
                "--auth=none",
                $"--bind-addr=127.0.0.1:{port}",
                $"--user-data-dir={_workspace.At("data")}",
                $"--extensions-dir={extensions}",
                "--enable-proposed-api=ms-toolsai.jupyter",
                "--disable-telemetry",
                "--disable-update-check",
                "--disable-workspace-trust",
            },
            RedirectStandardOutput = true,
        };
        start.Environment["JUPYTER_PATH"] = _workspace.At("share/jupyter");
        _process = Process.Start(start)!;
    }

    public string Address { get; }

    // What lib/AttentionLab.Kernel/README.md asks for, and no page in front of the notebook.
    private static string Settings =>
        """
            {
              "jupyter.completionTriggerCharacters": { "csharp": ["."] },
              "[csharp]": { "editor.wordBasedSuggestions": "off" },
              "workbench.editorAssociations": { "*.ipynb": "jupyter-notebook" },
              "workbench.startupEditor": "none",
              "workbench.secondarySideBar.defaultVisibility": "hidden"
            }
            """;

    /// <summary>Starts it where CODE_SERVER names the program and CODE_SERVER_EXTENSIONS the folder of the extension, or skips the test.</summary>
    public static async Task<CodeServer> StartAsync(string notebook, params string[] cells)
    {
        string? program = Environment.GetEnvironmentVariable("CODE_SERVER"),
            extensions = Environment.GetEnvironmentVariable("CODE_SERVER_EXTENSIONS");
        Assert.SkipUnless(
            program is not null && extensions is not null,
            "CODE_SERVER (the program) and CODE_SERVER_EXTENSIONS (a folder with ms-toolsai.jupyter) are not set."
        );
        var server = new CodeServer(program, extensions);
        Assert.Equal(0, await server._workspace.Run("install", "--prefix", server._workspace.Folder));
        JsonNode json = JsonNode.Parse(Workspace.Json(cells))!;
        json["metadata"] = new JsonObject
        {
            ["kernelspec"] = new JsonObject
            {
                ["name"] = ".net-csharp",
                ["display_name"] = "C# (.NET 10)",
                ["language"] = "C#",
            },
        };
        server._workspace.Write($"notebooks/{notebook}", json.ToJsonString());
        await server.ListeningAsync();
        return server;
    }

    private async Task ListeningAsync()
    {
        List<string> said = [];
        while (await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.Contains("HTTP server listening", StringComparison.Ordinal))
            {
                _ = _process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken); // or it would wait for a reader
                return;
            }

            said.Add(line);
        }

        Assert.Fail($"code-server ended: {string.Join('\n', said)}");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _workspace.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
