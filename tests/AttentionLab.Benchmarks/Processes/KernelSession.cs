using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionLab.Kernel.Jupyter;
using NetMQ;
using NetMQ.Sockets;

namespace AttentionLab.Benchmarks.Processes;

/// <summary>The kernel in a process of its own, started by a connection file, and a client that speaks to it over its sockets.</summary>
internal sealed class KernelSession : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _folder = Directory.CreateTempSubdirectory("attentionlab-benchmark-").FullName;
    private readonly DealerSocket _shell = new();
    private readonly SubscriberSocket _published = new();
    private readonly MessageFormat _format;
    private readonly Process _process;

    /// <summary>Starts a kernel and waits until it publishes to this client.</summary>
    public KernelSession()
    {
        int[] ports = FreePorts();
        string key = Guid.NewGuid().ToString("N");
        _format = new MessageFormat(key);
        string file = Path.Combine(_folder, "connection.json");
        File.WriteAllText(
            file,
            JsonSerializer.Serialize(
                new
                {
                    transport = "tcp",
                    ip = "127.0.0.1",
                    key,
                    signature_scheme = "hmac-sha256",
                    shell_port = ports[0],
                    iopub_port = ports[1],
                    control_port = ports[2],
                    stdin_port = ports[3],
                    hb_port = ports[4],
                }
            )
        );
        _process = Process.Start(
            new ProcessStartInfo(
                "dotnet",
                [Path.Combine(AppContext.BaseDirectory, "csharp-kernel.dll"), "kernel", "--connection-file", file]
            )
            {
                WorkingDirectory = _folder,
            }
        )!;
        _shell.Connect($"tcp://127.0.0.1:{ports[0]}");
        _published.Connect($"tcp://127.0.0.1:{ports[1]}");
        _published.SubscribeToAnyTopic();
        while (Receive(MessageChannel.IoPub).Type != "iopub_welcome") { }
    }

    /// <summary>What the kernel's process holds, in bytes.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>The processor time that the kernel has taken: on a busy machine it says more than a clock.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Runs a cell and returns its value as text.</summary>
    public string Execute(string code)
    {
        string id = Send(
            "execute_request",
            new()
            {
                ["code"] = code,
                ["silent"] = false,
                ["store_history"] = true,
            }
        );
        string text = "";
        while (true)
        {
            IncomingMessage message = Receive(MessageChannel.IoPub);
            if (message.ParentId != id)
            {
                continue;
            }

            switch (message.Type)
            {
                case "execute_result":
                    text = (string)message.Content["data"]!["text/plain"]!;
                    break;
                case "error":
                    throw new InvalidOperationException($"{code}: {message.Content["evalue"]}");
                case "status" when message.Text("execution_state") == "idle":
                    Receive(MessageChannel.Shell);
                    return text;
            }
        }
    }

    /// <summary>What may stand where a text ends.</summary>
    public string[] Complete(string code)
    {
        Send("complete_request", new() { ["code"] = code, ["cursor_pos"] = code.Length });
        return [.. Receive(MessageChannel.Shell).Content["matches"]!.AsArray().Select(match => (string)match!)];
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _shell.Options.Linger = TimeSpan.Zero;
        _shell.Dispose();
        _published.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string Send(string type, JsonObject content)
    {
        var message = new OutgoingMessage(MessageChannel.Shell, [], type, OutgoingMessage.NoParent, content);
        _shell.SendMultipartMessage(_format.Write(message));
        return message.Id;
    }

    private IncomingMessage Receive(MessageChannel channel)
    {
        NetMQSocket socket = channel == MessageChannel.Shell ? _shell : _published;
        NetMQMessage? frames = null;
        return socket.TryReceiveMultipartMessage(Patience, ref frames)
            ? _format.Read(channel, frames!)
            : throw new TimeoutException($"The kernel sent nothing on {channel} in {Patience.TotalMinutes} minutes.");
    }

    private static int[] FreePorts()
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, 5).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        Array.ForEach(listeners, listener => listener.Start());
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        Array.ForEach(listeners, listener => listener.Dispose());
        return ports;
    }
}
