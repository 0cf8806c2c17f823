using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using NetMQ;
using NetMQ.Sockets;

namespace AttentionLab.Kernel.Tests.Jupyter;

/// <summary>A kernel in its own process, and a client of it that speaks over the kernel's sockets.</summary>
public sealed class KernelClient : IDisposable
{
    // Only what fails takes so long, and a machine that is busy.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly byte[] _identity = Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("N"));
    private readonly byte[] _key = Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("N"));
    private readonly int[] _ports;
    private readonly StringBuilder _errors = new();
    private readonly List<NetMQSocket> _sockets = [];
    private readonly bool _isForeign;

    /// <summary>Starts a kernel and waits until it answers.</summary>
    public KernelClient()
        : this(null) { }

    internal KernelClient(Func<string[], ProcessStartInfo>? start, params (string Name, string Value)[] environment)
        : this(start, isForeign: false, environment) { }

    private KernelClient(
        Func<string[], ProcessStartInfo>? start,
        bool isForeign,
        params (string Name, string Value)[] environment
    )
    {
        _isForeign = isForeign;
        Folder = Directory.CreateTempSubdirectory("attentionlab-kernel-").FullName;
        _ports = FreePorts();
        File.WriteAllText(
            ConnectionFile,
            new JsonObject
            {
                ["transport"] = "tcp",
                ["ip"] = "127.0.0.1",
                ["key"] = Encoding.ASCII.GetString(_key),
                ["signature_scheme"] = "hmac-sha256",
                ["kernel_name"] = ".net-csharp",
                ["shell_port"] = _ports[0],
                ["control_port"] = _ports[1],
                ["iopub_port"] = _ports[2],
                ["stdin_port"] = _ports[3],
                ["hb_port"] = _ports[4],
            }.ToJsonString()
        );
        Start(start, environment);
    }

    /// <summary>Starts .NET Interactive's kernel, the local tool, and waits until it answers.</summary>
    internal static KernelClient OfDotNetInteractive() =>
        new(
            command => new ProcessStartInfo("dotnet", ["interactive", "jupyter", "--default-kernel", "csharp", command[^1]])
            {
                WorkingDirectory = Workspace.Repository, // where dotnet finds local tools
                RedirectStandardOutput = true,
                Environment = { ["DOTNET_INTERACTIVE_CLI_TELEMETRY_OPTOUT"] = "1", ["DOTNET_NOLOGO"] = "1" },
            },
            isForeign: true
        );

    /// <summary>The kernel's process, or what was started in its place.</summary>
    public Process Process { get; private set; } = null!;

    public string Folder { get; }

    public DealerSocket Shell { get; private set; } = null!;

    public DealerSocket Control { get; private set; } = null!;

    public DealerSocket Stdin { get; private set; } = null!;

    public SubscriberSocket IoPub { get; private set; } = null!;

    public DealerSocket Heartbeat { get; private set; } = null!;

    public string ConnectionFile => Path.Combine(Folder, "connection.json");

    /// <summary>What the kernel wrote to its standard error.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    /// <summary>Starts the kernel again on the same ports, as a client does on a restart.</summary>
    public void Restart()
    {
        Close();
        Start(null, []);
    }

    /// <summary>Sends a request and returns its header.</summary>
    public JsonObject Send(NetMQSocket socket, string type, JsonObject content, JsonObject? parent = null)
    {
        JsonObject header = Header(type);
        SendFrames(socket, [header.ToJsonString(), parent?.ToJsonString() ?? "{}", "{}", content.ToJsonString()]);
        return header;
    }

    /// <summary>Sends four texts, rightly signed.</summary>
    public void SendFrames(NetMQSocket socket, string[] texts, string? signature = null) =>
        SendFrames(socket, [.. texts.Select(Encoding.UTF8.GetBytes)], signature);

    /// <summary>Sends four frames, rightly signed.</summary>
    public void SendFrames(NetMQSocket socket, byte[][] parts, string? signature = null)
    {
        signature ??= Convert.ToHexStringLower(HMACSHA256.HashData(_key, parts.SelectMany(part => part).ToArray()));
        socket.SendMultipartMessage(
            new NetMQMessage([Encoding.ASCII.GetBytes("<IDS|MSG>"), Encoding.ASCII.GetBytes(signature), .. parts])
        );
    }

    /// <summary>A client that subscribes to all that is published and reads no more than the welcome.</summary>
    public SubscriberSocket ConnectDeafSubscriber()
    {
        var deaf = new SubscriberSocket();
        deaf.Options.ReceiveHighWatermark = 1;
        Connect(deaf, 2).SubscribeToAnyTopic();
        Assert.Equal("iopub_welcome", Receive(deaf).Type);
        return deaf;
    }

    public static JsonObject Header(string type) =>
        new()
        {
            ["msg_id"] = Guid.NewGuid().ToString(),
            ["msg_type"] = type,
            ["session"] = "test",
            ["username"] = "å",
            ["date"] = "2026-01-01T00:00:00Z",
            ["version"] = "5.4",
        };

    /// <summary>The next message of a socket, its signature checked.</summary>
    public Received Receive(NetMQSocket socket, TimeSpan? patience = null)
    {
        NetMQMessage? frames = null;
        Assert.True(
            socket.TryReceiveMultipartMessage(patience ?? Patience, ref frames),
            $"No message came. The kernel's standard error: {Errors}"
        );
        byte[][] parts = [.. frames!.Select(frame => frame.ToByteArray())];
        int start = Array.FindIndex(parts, part => part.AsSpan().SequenceEqual("<IDS|MSG>"u8)) + 1;
        Assert.True(start > 0);
        Assert.Equal(
            Convert.ToHexStringLower(HMACSHA256.HashData(_key, parts[(start + 1)..].SelectMany(part => part).ToArray())),
            Encoding.ASCII.GetString(parts[start])
        );
        JsonNode[] json = [.. parts[(start + 1)..(start + 5)].Select(part => JsonNode.Parse(part)!)];
        return new Received((string)json[0]["msg_type"]!, json[0], json[1], json[3]);
    }

    /// <summary>Asks and waits for the reply and for all that is published until the kernel is idle again.</summary>
    public Exchange Ask(string type, JsonObject content, NetMQSocket? socket = null)
    {
        JsonObject header = Send(socket ?? Shell, type, content);
        return End(header, socket);
    }

    /// <summary>Waits for the reply to a request that was sent, and for what it caused to be published.</summary>
    public Exchange End(JsonObject header, NetMQSocket? socket = null)
    {
        Received reply = Receive(socket ?? Shell);
        AssertParent(header, reply);
        return new Exchange(reply, Published(header));
    }

    /// <summary>What is published until a request's end, each with the request as parent.</summary>
    public List<Received> Published(JsonObject header)
    {
        var published = new List<Received>();
        do
        {
            published.Add(Receive(IoPub));
            AssertParent(header, published[^1]);
        } while (published[^1] is not { Type: "status", Content: var content } || (string?)content["execution_state"] != "idle");

        return published;
    }

    /// <summary>Runs a cell.</summary>
    public Exchange Execute(string code, bool silent = false, bool? storeHistory = null, JsonObject? expressions = null) =>
        Ask("execute_request", Cell(code, silent, storeHistory, expressions));

    /// <summary>Runs a cell in any kernel, and gives what it shows: streams, values, errors.</summary>
    internal IReadOnlyList<JsonNode> Run(string code)
    {
        string id = (string)Send(Shell, "execute_request", Cell(code, allowStdin: false))["msg_id"]!;
        var shown = new List<JsonNode>();
        Received message;
        do
        {
            message = Receive(IoPub);
            if (
                (string?)message.Parent["msg_id"] == id
                && message.Type is "stream" or "display_data" or "execute_result" or "update_display_data" or "error"
            )
            {
                shown.Add(message.Content);
            }
        } while ((string?)message.Parent["msg_id"] != id || message["execution_state"] != "idle");

        Receive(Shell);
        return shown;
    }

    public static JsonObject Cell(
        string code,
        bool silent = false,
        bool? storeHistory = null,
        JsonObject? expressions = null,
        bool stopOnError = true,
        bool allowStdin = true
    ) =>
        new()
        {
            ["code"] = code,
            ["silent"] = silent,
            ["store_history"] = storeHistory ?? !silent,
            ["user_expressions"] = expressions ?? [],
            ["allow_stdin"] = allowStdin,
            ["stop_on_error"] = stopOnError,
        };

    public static void AssertParent(JsonObject header, Received message) =>
        Assert.Equal(header.ToJsonString(), message.Parent.ToJsonString());

    public void Dispose()
    {
        Close();
        Directory.Delete(Folder, recursive: true);
    }

    private void Start(Func<string[], ProcessStartInfo>? start, (string Name, string Value)[] environment)
    {
        string[] command =
        [
            "dotnet",
            Path.Combine(AppContext.BaseDirectory, "csharp-kernel.dll"),
            "kernel",
            "--connection-file",
            ConnectionFile,
        ];
        ProcessStartInfo info = start?.Invoke(command) ?? new ProcessStartInfo(command[0], command[1..]);
        info.WorkingDirectory = info.WorkingDirectory.Length > 0 ? info.WorkingDirectory : Folder;
        info.RedirectStandardError = true;
        info.Environment["OMP_NUM_THREADS"] = "1";
        foreach ((string name, string value) in environment)
        {
            info.Environment[name] = value;
        }

        Process = Process.Start(info)!;
        Process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                _errors.AppendLine(line.Data);
            }
        };
        Process.BeginErrorReadLine();
        if (info.RedirectStandardOutput)
        {
            Process.BeginOutputReadLine(); // and no more: it must not fill up
        }

        Shell = Connect(new DealerSocket(), 0);
        Control = Connect(new DealerSocket(), 1);
        IoPub = Connect(new SubscriberSocket(), 2);
        Stdin = Connect(new DealerSocket(), 3);
        Heartbeat = Connect(new DealerSocket(), 4);
        IoPub.SubscribeToAnyTopic();
        if (_isForeign)
        {
            WaitForAnswers();
            return;
        }

        Received welcome = Receive(IoPub);
        while (welcome.Type == "status")
        {
            welcome = Receive(IoPub);
        }

        Assert.Equal("iopub_welcome", welcome.Type);
        Assert.Equal("", (string?)welcome.Content["subscription"]);
        JsonObject asked = Send(Shell, "kernel_info_request", []);
        Assert.Equal("kernel_info_reply", Receive(Shell).Type);
        Received published = Receive(IoPub);
        while ((string?)published.Content["execution_state"] != "idle")
        {
            published = Receive(IoPub); // "starting", which has no parent, comes before or after the welcome
        }

        AssertParent(asked, published);
    }

    // Other kernels do not say when they have taken a subscription: questions are asked until an answer is published.
    private void WaitForAnswers()
    {
        NetMQMessage? published = null;
        do
        {
            Send(Shell, "kernel_info_request", []);
            Receive(Shell);
        } while (!IoPub.TryReceiveMultipartMessage(TimeSpan.FromSeconds(1), ref published));

        while (IoPub.TryReceiveMultipartMessage(TimeSpan.FromSeconds(1), ref published)) { }
    }

    private void Close()
    {
        if (!Process.HasExited)
        {
            Process.Kill(entireProcessTree: true);
            Process.WaitForExit();
        }

        Process.Dispose();
        foreach (NetMQSocket socket in _sockets)
        {
            socket.Options.Linger = TimeSpan.Zero;
            socket.Dispose();
        }

        _sockets.Clear();
    }

    private T Connect<T>(T socket, int port)
        where T : NetMQSocket
    {
        if (socket is DealerSocket)
        {
            socket.Options.Identity = _identity;
        }

        socket.Connect($"tcp://127.0.0.1:{_ports[port]}");
        _sockets.Add(socket);
        return socket;
    }

    private static int[] FreePorts()
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, 5).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (TcpListener listener in listeners)
        {
            listener.Start();
        }

        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (TcpListener listener in listeners)
        {
            listener.Dispose();
        }

        return ports;
    }
}
