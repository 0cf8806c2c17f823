using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using AttentionLab.Kernel.Display;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Jupyter;

/// <summary>
/// A C# session behind Jupyter's protocol: one loop answers what comes by the shell socket, another what comes by control.
/// </summary>
internal sealed class JupyterKernel : IDisposable
{
    private const int LargeMessage = 1 << 20;
    private static readonly TimeSpan TimeForFirstCell = TimeSpan.FromSeconds(3);

    private readonly CSharpEngine _engine;
    private readonly Lazy<CSharpCompletion> _completion;
    private readonly CodeQuestions _questions;
    private readonly Lazy<Task> _warmUp;
    private readonly KernelSockets _sockets;
    private readonly ConsoleCapture _console;
    private readonly NativeOutput? _native;
    private readonly Action<string> _log;
    private readonly ClientInput _input;
    private readonly History _history = new();
    private readonly Channel<IncomingMessage> _shell = Channel.CreateUnbounded<IncomingMessage>();
    private readonly BlockingCollection<IncomingMessage> _control = [];
    private readonly PoolRelief _relief = new();
    private readonly TaskCompletionSource _firstCellEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile CancellationTokenSource? _running;
    private long _received;
    private long _aborted;
    private int _executionCount;

    /// <summary>Binds the sockets; from now on Console belongs to the cells.</summary>
    /// <param name="connection">Where clients wait.</param>
    /// <param name="folder">Where relative paths in cells start.</param>
    /// <param name="log">Takes lines on what went wrong; no content of a notebook.</param>
    /// <param name="logContent">Whether the log shows every message, for those who ask.</param>
    /// <param name="native">What native code writes, where that can be had.</param>
    /// <exception cref="NetMQ.NetMQException">A port is taken, or the address is not this machine's.</exception>
    public JupyterKernel(
        ConnectionFile connection,
        string folder,
        Action<string> log,
        bool logContent = false,
        NativeOutput? native = null
    )
    {
        _log = log;
        _native = native;
        _sockets = new KernelSockets(connection, Receive, log, logContent);
        _input = new ClientInput(_sockets, log);
        _console = new ConsoleCapture(_input);
        _engine = new CSharpEngine(folder, keepsProcess: true);
        _completion = new(() => new CSharpCompletion(_engine));
        _questions = new(_completion);

        // A cell that nobody sees, when the client knows that the kernel is there: the compiler's and the formatters' first run
        // takes a second.
        _warmUp = new(() =>
            Task.Run(() =>
                _engine.ExecuteAsync("0", "cell", new CellOutput(_sockets, _input, null, 0, silent: true), CancellationToken.None)
            )
        );
    }

    /// <summary>Answers until a client asks to shut down, or <see cref="Stop"/>.</summary>
    public async Task RunAsync()
    {
        var before = new CellOutput(_sockets, _input, null, 0, silent: false);
        RunningCell.Current = new RunningCell(before, CancellationToken.None);
        _sockets.Start();
        _sockets.Publish("status", OutgoingMessage.NoParent, new() { ["execution_state"] = "starting" });

        // Completion loads much, and leaves the processor to the first cell, which often follows at once.
        _ = Task.WhenAny(_firstCellEnded.Task, Task.Delay(TimeForFirstCell))
            .ContinueWith(_ => _completion.Value, TaskScheduler.Default);
        Task shell = Task.Run(AnswerShellAsync),
            control = OwnThread.Run(AnswerControl);
        await await Task.WhenAny(_stopped.Task, shell, control).ConfigureAwait(false);
    }

    /// <summary>Stops the cell that runs; it ends with an error, and its state stays.</summary>
    public void Interrupt()
    {
        if (_running is { } cell)
        {
            _ = OwnThread.Run(cell.Cancel); // callbacks are the cell's code
        }
    }

    /// <summary>Ends <see cref="RunAsync"/>.</summary>
    public void Stop() => _stopped.TrySetResult();

    /// <summary>Sends what waits, closes the sockets and gives Console back.</summary>
    public void Dispose()
    {
        Interrupt();
        _shell.Writer.TryComplete();
        _sockets.Dispose();
        _control.CompleteAdding();
        _relief.Dispose();
        _console.Dispose();
        _input.Dispose();
        _engine.Dispose();
        RunningCell.Current = null;
    }

    private void Receive(IncomingMessage message)
    {
        switch (message.Channel)
        {
            case MessageChannel.Stdin:
                _input.Answer(message);
                break;
            case MessageChannel.Control:
                _control.Add(message);
                break;
            default:
                _shell.Writer.TryWrite(message with { Number = Interlocked.Increment(ref _received) });
                break;
        }
    }

    private async Task AnswerShellAsync()
    {
        await foreach (IncomingMessage request in _shell.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            await ServeAsync(request).ConfigureAwait(false);
        }
    }

    // On a thread of its own: a cell that shall be stopped may keep all of the pool.
    private void AnswerControl()
    {
        foreach (IncomingMessage request in _control.GetConsumingEnumerable())
        {
            ServeAsync(request).GetAwaiter().GetResult();
        }
    }

    private async Task ServeAsync(IncomingMessage request)
    {
        Status(request, "busy");
        try
        {
            if (await AnswerAsync(request).ConfigureAwait(false) is { } reply)
            {
                Reply(request, reply);
            }
        }
        catch (Exception e)
        {
            // One question that cannot be answered does not stop the kernel: the asker gets an error, and the next is
            // answered.
            _log($"{request.Type} failed: {(e is MalformedMessageException ? e.Message : e)}.");
            Reply(request, Error(CellError.FromException(e, request.Type)));
        }

        Status(request, "idle");
        if (request.Length > LargeMessage)
        {
            // Or it would stay for long in the heap of large objects.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        }

        switch (request.Type)
        {
            case "kernel_info_request":
                _ = _warmUp.Value;
                break;
            case "shutdown_request":
                Stop();
                break;
        }
    }

    private async Task<JsonObject?> AnswerAsync(IncomingMessage request)
    {
        if (request.Fault is { } fault)
        {
            throw new MalformedMessageException(fault);
        }

        switch (request.Channel, request.Type)
        {
            case (_, "kernel_info_request"):
                return KernelInfo();
            case (_, "shutdown_request"):
                return new() { ["status"] = "ok", ["restart"] = request.Flag("restart", false) };
            case (_, "interrupt_request"):
                Interrupt();
                return Ok();
            case (MessageChannel.Shell, "execute_request"):
                return await ExecuteAsync(request).ConfigureAwait(false);
            case (MessageChannel.Shell, "is_complete_request"):
                return await CodeQuestions.IsCompleteAsync(request).ConfigureAwait(false);
            case (MessageChannel.Shell, "complete_request"):
                return await _questions.CompleteAsync(request).ConfigureAwait(false);
            case (MessageChannel.Shell, "inspect_request"):
                return await _questions.InspectAsync(request).ConfigureAwait(false);
            case (MessageChannel.Shell, "history_request"):
                return _history.Reply(request);
            case (MessageChannel.Shell, "comm_info_request"):
                return new() { ["status"] = "ok", ["comms"] = new JsonObject() };
            case (MessageChannel.Shell, "comm_open"):
                // There is nothing here to talk to: the client gets a message that its comm is closed.
                _sockets.Publish(
                    "comm_close",
                    request.Header,
                    new() { ["comm_id"] = request.Text("comm_id"), ["data"] = new JsonObject() }
                );
                return null;
            case (MessageChannel.Shell, "comm_msg" or "comm_close"):
                return null;
            default:
                _log($"{request.Type} on {request.Channel} is not known to this kernel.");
                return null;
        }
    }

    private async Task<JsonObject> ExecuteAsync(IncomingMessage request)
    {
        if (request.Number <= _aborted)
        {
            return new() { ["status"] = "aborted", ["execution_count"] = _executionCount };
        }

        string code = request.Text("code");
        bool silent = request.Flag("silent", false),
            store = !silent && request.Flag("store_history", true);
        if (store)
        {
            _history.Add(++_executionCount, Shortened(code));
        }

        if (!silent)
        {
            _sockets.Publish(
                "execute_input",
                request.Header,
                new() { ["code"] = Shortened(code), ["execution_count"] = _executionCount }
            );
        }

        var output = new CellOutput(_sockets, _input, request, _executionCount, silent);
        var interrupt = new CancellationTokenSource();
        _running = interrupt; // before the wait: an interrupt of a cell that has not begun counts
        await _warmUp.Value.ConfigureAwait(false);
        JsonObject expressions = [];
        ExecutionResult result = await _engine
            .ExecuteAsync(code, store ? $"cell {_executionCount}" : "cell", output, interrupt.Token)
            .ConfigureAwait(false);
        if (result.Succeeded)
        {
            expressions = await EvaluateAsync(request.Content["user_expressions"] as JsonObject ?? [], output, interrupt.Token)
                .ConfigureAwait(false);
        }

        _running = null;
        _firstCellEnded.TrySetResult();
        _native?.Flush();
        if (result.Succeeded)
        {
            if (store && result.Value is not null)
            {
                _history.SetResult((string?)MimeBundle.Of(result.Value, MimeBundle.Text)[MimeBundle.Text]);
            }

            return new()
            {
                ["status"] = "ok",
                ["execution_count"] = _executionCount,
                ["payload"] = new JsonArray(),
                ["user_expressions"] = expressions,
            };
        }

        CellError error =
            result.Error ?? new("Interrupted", "The cell was interrupted.", "", ["\e[31mThe cell was interrupted.\e[39m"]);
        output.Error(error);
        if (request.Flag("stop_on_error", true))
        {
            _aborted = Interlocked.Read(ref _received);
        }

        JsonObject reply = Error(error);
        reply["execution_count"] = _executionCount;
        return reply;
    }

    private async Task<JsonObject> EvaluateAsync(JsonObject expressions, CellOutput output, CancellationToken interrupted)
    {
        var values = new JsonObject();
        foreach ((string name, JsonNode? expression) in expressions)
        {
            var value = new ExpressionOutput(output);
            ExecutionResult result = await _engine
                .ExecuteAsync(expression?.ToString() ?? "", $"user expression {name}", value, interrupted)
                .ConfigureAwait(false);
            values[name] = result.Error is { } error
                ? Error(error)
                : new JsonObject
                {
                    ["status"] = "ok",
                    ["data"] = value.Value,
                    ["metadata"] = new JsonObject(),
                };
        }

        RunningCell.Current = new RunningCell(output, interrupted);
        return values;
    }

    // A cell that is too large to be compiled need not be kept and sent back.
    private static string Shortened(string code) => code.Length <= CellLimits.Characters ? code : code[..1000] + "\n…";

    private static JsonObject KernelInfo() =>
        new()
        {
            ["status"] = "ok",
            ["protocol_version"] = MessageFormat.Version,
            ["implementation"] = "attentionlab",
            ["implementation_version"] = Assembly.GetExecutingAssembly().GetName().Version!.ToString(3),
            ["language_info"] = new JsonObject
            {
                ["name"] = "C#",
                ["version"] = Environment.Version.ToString(),
                ["mimetype"] = "text/x-csharp",
                ["file_extension"] = ".cs",
                ["pygments_lexer"] = "csharp",
                ["codemirror_mode"] = "text/x-csharp",
            },
            ["banner"] = $"AttentionLab: C# on .NET {Environment.Version}",
            ["help_links"] = new JsonArray(),
            ["debugger"] = false,
        };

    private static JsonObject Ok() => new() { ["status"] = "ok" };

    private static JsonObject Error(CellError error)
    {
        JsonObject content = CellOutput.ErrorContent(error);
        content["status"] = "error";
        return content;
    }

    private void Status(IncomingMessage request, string state) =>
        _sockets.Publish("status", request.Header, new() { ["execution_state"] = state });

    private void Reply(IncomingMessage request, JsonObject content) =>
        _sockets.Send(
            new(
                request.Channel,
                request.Identities,
                request.Type.Replace("_request", "_reply", StringComparison.Ordinal),
                request.Header,
                content
            )
        );
}
