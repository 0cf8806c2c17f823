using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json.Nodes;
using NetMQ;
using NetMQ.Sockets;

namespace AttentionLab.Kernel.Jupyter;

/// <summary>
/// The five sockets, all owned by one thread. Whoever sends leaves a message in one queue and goes on: a cell can be interrupted
/// where it waits, so no cell's thread may ever be inside a socket.
/// </summary>
internal sealed class KernelSockets : IDisposable
{
    private const int LargestFrame = 64 << 20;
    private const int FullQueue = 20_000;
    private const long FullQueueCharacters = 8 << 20;

    // Bytes in a message of text, which a long text is cut into.
    private const int LargestText = 1 << 15;
    private const int MostBytes = 6; // of a character in JSON
    private const int MostInASecond = 1_000; // so that one that reads misses none
    private const int BytesInAMillisecond = 10_000; // which a client keeps up with
    private static readonly TimeSpan StreamPause = TimeSpan.FromMilliseconds(20);

    private readonly MessageFormat _format;
    private readonly Action<IncomingMessage> _received;
    private readonly Action<string> _log;
    private readonly bool _logContent;
    private readonly Publisher _publisher;
    private readonly Dictionary<MessageChannel, NetMQSocket> _sockets;
    private readonly RouterSocket _heartbeat = new();
    private readonly NetMQQueue<(MessageChannel Channel, NetMQMessage Frames)> _outgoing = new();
    private readonly NetMQPoller _poller;
    private readonly ConcurrentQueue<OutgoingMessage> _waiting = new();
    private readonly AutoResetEvent _somethingWaits = new(false);
    private readonly Thread _writer;
    private long _waitingCharacters;
    private volatile bool _closing;

    /// <summary>Binds the sockets; nothing is received before <see cref="Start"/>.</summary>
    /// <param name="connection">Where.</param>
    /// <param name="received">Takes each verified message, on the sockets' thread: it must not block.</param>
    /// <param name="log">Takes a line on what went wrong.</param>
    /// <param name="logContent">Whether the log shows every message.</param>
    /// <exception cref="ConnectionFileException">A port is taken.</exception>
    /// <exception cref="NetMQException">The address is not this machine's.</exception>
    public KernelSockets(ConnectionFile connection, Action<IncomingMessage> received, Action<string> log, bool logContent)
    {
        _format = new MessageFormat(connection.Key);
        _received = received;
        _log = log;
        _logContent = logContent;
        _publisher = new Publisher(_format);
        _sockets = new()
        {
            [MessageChannel.Shell] = new RouterSocket(),
            [MessageChannel.Control] = new RouterSocket(),
            [MessageChannel.Stdin] = new RouterSocket(),
            [MessageChannel.IoPub] = _publisher.Socket,
        };
        foreach (NetMQSocket socket in _sockets.Values.Append(_heartbeat))
        {
            socket.Options.Linger = TimeSpan.FromSeconds(1);
            if (socket != _publisher.Socket)
            {
                socket.Options.SendHighWatermark = 0; // replies are few
            }

            socket.Options.MaxMsgSize = LargestFrame;
            socket.Options.IPv4Only = !connection.Ip.Contains(':', StringComparison.Ordinal);
        }

        Bind(_sockets[MessageChannel.Shell], connection, connection.ShellPort, "shell_port");
        Bind(_sockets[MessageChannel.Control], connection, connection.ControlPort, "control_port");
        Bind(_sockets[MessageChannel.Stdin], connection, connection.StdinPort, "stdin_port");
        Bind(_publisher.Socket, connection, connection.IopubPort, "iopub_port");
        Bind(_heartbeat, connection, connection.HbPort, "hb_port");

        foreach (MessageChannel channel in (MessageChannel[])[MessageChannel.Shell, MessageChannel.Control, MessageChannel.Stdin])
        {
            _sockets[channel].ReceiveReady += (_, ready) => Receive(channel, ready.Socket);
        }

        _heartbeat.ReceiveReady += (_, _) => Echo(_heartbeat);
        _outgoing.ReceiveReady += (_, _) => SendWaiting();
        _poller = [.. _sockets.Values, _heartbeat];
        _poller.Add(_outgoing);
        _writer = new Thread(Write) { IsBackground = true, Name = "Messages" };
    }

    /// <summary>Starts to receive and send.</summary>
    public void Start()
    {
        _poller.RunAsync("Sockets", isBackgroundThread: true);
        _writer.Start();
    }

    /// <summary>Sends a message, in the order of the calls. Any thread may call; it waits while the queue is full.</summary>
    public void Send(OutgoingMessage message)
    {
        while (_waiting.Count > FullQueue || Interlocked.Read(ref _waitingCharacters) > FullQueueCharacters)
        {
            Thread.Sleep(1); // where an interrupt finds a cell that writes without end
        }

        Interlocked.Add(ref _waitingCharacters, message.Characters);
        _waiting.Enqueue(message);
        _somethingWaits.Set();
    }

    /// <summary>Publishes a message to all clients.</summary>
    public void Publish(string type, byte[] parentHeader, JsonObject content) =>
        Send(new(MessageChannel.IoPub, [Encoding.UTF8.GetBytes(type)], type, parentHeader, content));

    /// <summary>Sends what waits and closes the sockets.</summary>
    public void Dispose()
    {
        _closing = true;
        _somethingWaits.Set();
        if (_writer.IsAlive)
        {
            _writer.Join();
            _poller.Stop();
        }

        _poller.Dispose();
        SendWaiting();
        foreach (NetMQSocket socket in _sockets.Values.Append(_heartbeat))
        {
            socket.Dispose();
        }

        _publisher.Dispose();
        _outgoing.Dispose();
        _somethingWaits.Dispose();
    }

    private void Receive(MessageChannel channel, NetMQSocket socket)
    {
        NetMQMessage? frames = null;
        while (socket.TryReceiveMultipartMessage(ref frames))
        {
            try
            {
                IncomingMessage message = _format.Read(channel, frames);
                if (_logContent)
                {
                    _log($"{channel} ← {message.Type} {message.Content.ToJsonString()}");
                }

                _received(message);
            }
            catch (MalformedMessageException e)
            {
                _log($"A message on {channel} was dropped: {e.Message}.");
            }
        }
    }

    private static void Echo(NetMQSocket heartbeat)
    {
        NetMQMessage? frames = null;
        while (heartbeat.TryReceiveMultipartMessage(ref frames))
        {
            heartbeat.SendMultipartMessage(frames);
        }
    }

    private void SendWaiting()
    {
        while (_outgoing.TryDequeue(out (MessageChannel Channel, NetMQMessage Frames) message, TimeSpan.Zero))
        {
            if (message.Channel == MessageChannel.IoPub)
            {
                _publisher.Send(message.Frames);
            }
            else
            {
                _sockets[message.Channel].SendMultipartMessage(message.Frames);
            }
        }
    }

    // Serialises and signs. Many small pieces of text become few messages, so that a cell that prints does not drown its client.
    private void Write()
    {
        long second = 0;
        int sent = 0;
        do
        {
            _somethingWaits.WaitOne(TimeSpan.FromSeconds(1)); // a cell that is interrupted may leave a message and no signal
            while (TryTake(out OutgoingMessage? message))
            {
                bool moreTextMayCome = message.Type == "stream" && MergeFollowing(message);
                while (message.Type == "update_display_data" && TryTakeNewer(message, out OutgoingMessage? newer))
                {
                    message = newer;
                }

                foreach (OutgoingMessage part in Parts(message))
                {
                    if (_logContent)
                    {
                        _log($"{part.Channel} → {part.Type} {part.Content.ToJsonString()}");
                    }

                    NetMQMessage frames = _format.Write(part);
                    int size = frames.Sum(frame => frame.BufferSize);
                    _outgoing.Enqueue((part.Channel, frames));
                    if (size >= LargestText && !_closing)
                    {
                        Thread.Sleep(size / BytesInAMillisecond);
                    }

                    long now = Environment.TickCount64;
                    if (now - second >= 1000)
                    {
                        (second, sent) = (now, 0);
                    }
                    else if (++sent >= MostInASecond && !_closing)
                    {
                        Thread.Sleep((int)(second + 1000 - now));
                    }
                }

                if (moreTextMayCome)
                {
                    Thread.Sleep(StreamPause); // else a cell that prints as fast as this sends would have a message for each line
                }
            }
        } while (!_closing || !_waiting.IsEmpty);
    }

    private bool TryTake([NotNullWhen(true)] out OutgoingMessage? message)
    {
        if (!_waiting.TryDequeue(out message))
        {
            return false;
        }

        Interlocked.Add(ref _waitingCharacters, -message.Characters);
        return true;
    }

    // Of several updates of one display that wait, the last counts.
    private bool TryTakeNewer(OutgoingMessage update, [NotNullWhen(true)] out OutgoingMessage? newer)
    {
        newer = null;
        return _waiting.TryPeek(out OutgoingMessage? next)
            && next.Type == update.Type
            && next.ParentHeader.Equals(update.ParentHeader)
            && (string?)next.Content["transient"]?["display_id"] == (string?)update.Content["transient"]?["display_id"]
            && TryTake(out newer);
    }

    // Whether the text was the last that waited.
    private bool MergeFollowing(OutgoingMessage message)
    {
        StringBuilder? text = null;
        OutgoingMessage? next;
        while (
            _waiting.TryPeek(out next)
            && next.Type == "stream"
            && next.ParentHeader.Equals(message.ParentHeader)
            && (string?)next.Content["name"] == (string?)message.Content["name"]
            && (text?.Length ?? message.Characters) < LargestText
        )
        {
            TryTake(out _);
            text ??= new StringBuilder((string?)message.Content["text"]);
            text.Append((string?)next.Content["text"]);
        }

        if (text is not null)
        {
            message.Content["text"] = text.ToString();
        }

        return next is null;
    }

    private static IEnumerable<OutgoingMessage> Parts(OutgoingMessage message)
    {
        if (message.Type != "stream" || (string)message.Content["text"]! is not { Length: > LargestText / MostBytes } text)
        {
            yield return message;
            yield break;
        }

        for (int start = 0, end; start < text.Length; start = end)
        {
            end = EndOfPart(text, start);
            yield return start == 0 && end == text.Length
                ? message
                : new OutgoingMessage(
                    message.Channel,
                    message.Identities,
                    message.Type,
                    message.ParentHeader,
                    new() { ["name"] = (string?)message.Content["name"], ["text"] = text[start..end] }
                );
        }
    }

    private static int EndOfPart(string text, int start)
    {
        int end = start,
            bytes = 0;
        while (end < text.Length && bytes <= LargestText - MostBytes)
        {
            bytes += text[end++] switch
            {
                '\n' or '"' or '\\' => 2,
                < ' ' => MostBytes, // as \u001b
                < '\u0080' => 1,
                _ => 3,
            };
        }

        return end < text.Length && char.IsHighSurrogate(text[end - 1]) ? end - 1 : end;
    }

    private static void Bind(NetMQSocket socket, ConnectionFile connection, int port, string name)
    {
        try
        {
            socket.Bind(connection.Endpoint(port));
        }
        catch (AddressAlreadyInUseException e)
        {
            throw new ConnectionFileException(
                $"Port {port} ({name} of the connection file) is in use: a kernel with this connection file is running "
                    + "already, or another"
                    + " program took the port. End it, or start the kernel from VS Code or Jupyter, which write a new "
                    + "connection file.",
                e
            );
        }
    }
}
