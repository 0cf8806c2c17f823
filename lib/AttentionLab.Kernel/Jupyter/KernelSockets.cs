using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using NetMQ;
using NetMQ.Sockets;

namespace AttentionLab.Kernel.Jupyter;

/// <summary>
/// The five sockets, all owned by one thread. Whoever sends leaves a message in one queue and goes on: a cell can be aborted at any
/// place, so no cell's thread may ever be inside a socket.
/// </summary>
internal sealed class KernelSockets : IDisposable
{
    private const int LargestFrame = 64 << 20;
    private const int FullQueue = 20_000;
    private static readonly TimeSpan StreamPause = TimeSpan.FromMilliseconds(20);

    private readonly MessageFormat _format;
    private readonly Action<IncomingMessage> _received;
    private readonly Action<string> _log;
    private readonly bool _logContent;
    private readonly Dictionary<MessageChannel, NetMQSocket> _sockets;
    private readonly RouterSocket _heartbeat = new();
    private readonly NetMQQueue<(MessageChannel Channel, NetMQMessage Frames)> _outgoing = new();
    private readonly NetMQPoller _poller;
    private readonly ConcurrentQueue<OutgoingMessage> _waiting = new();
    private readonly AutoResetEvent _somethingWaits = new(false);
    private readonly Thread _writer;
    private volatile bool _closing;

    /// <summary>Binds the sockets; nothing is received before <see cref="Start"/>.</summary>
    /// <param name="connection">Where.</param>
    /// <param name="received">Takes each verified message, on the sockets' thread: it must not block.</param>
    /// <param name="log">Takes a line on what went wrong.</param>
    /// <param name="logContent">Whether the log shows every message.</param>
    /// <exception cref="NetMQException">A port is taken, or the address is not this machine's.</exception>
    public KernelSockets(ConnectionFile connection, Action<IncomingMessage> received, Action<string> log, bool logContent)
    {
        _format = new MessageFormat(connection.Key);
        _received = received;
        _log = log;
        _logContent = logContent;
        var publisher = new XPublisherSocket();
        _sockets = new()
        {
            [MessageChannel.Shell] = new RouterSocket(),
            [MessageChannel.Control] = new RouterSocket(),
            [MessageChannel.Stdin] = new RouterSocket(),
            [MessageChannel.IoPub] = publisher,
        };
        publisher.Options.XPubVerbose = true;
        foreach (NetMQSocket socket in _sockets.Values.Append(_heartbeat))
        {
            socket.Options.Linger = TimeSpan.FromSeconds(1);
            socket.Options.SendHighWatermark = 0; // a status that is dropped would leave a client waiting
            socket.Options.MaxMsgSize = LargestFrame;
            socket.Options.IPv4Only = !connection.Ip.Contains(':', StringComparison.Ordinal);
        }

        _sockets[MessageChannel.Shell].Bind(connection.Endpoint(connection.ShellPort));
        _sockets[MessageChannel.Control].Bind(connection.Endpoint(connection.ControlPort));
        _sockets[MessageChannel.Stdin].Bind(connection.Endpoint(connection.StdinPort));
        publisher.Bind(connection.Endpoint(connection.IopubPort));
        _heartbeat.Bind(connection.Endpoint(connection.HbPort));

        foreach (MessageChannel channel in (MessageChannel[])[MessageChannel.Shell, MessageChannel.Control, MessageChannel.Stdin])
        {
            _sockets[channel].ReceiveReady += (_, ready) => Receive(channel, ready.Socket);
        }

        publisher.ReceiveReady += (_, _) => Welcome(publisher);
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
        while (_waiting.Count > FullQueue)
        {
            Thread.Sleep(1); // where an interrupt finds a cell that writes without end
        }

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

    // Says to a new subscriber that from now on it misses nothing.
    private void Welcome(XPublisherSocket publisher)
    {
        NetMQMessage? frames = null;
        while (publisher.TryReceiveMultipartMessage(ref frames))
        {
            if (frames.First.ToByteArray() is [1, .. var topic])
            {
                var content = new JsonObject { ["subscription"] = Encoding.UTF8.GetString(topic) };
                publisher.SendMultipartMessage(
                    _format.Write(
                        new OutgoingMessage(MessageChannel.IoPub, [topic], "iopub_welcome", OutgoingMessage.NoParent, content)
                    )
                );
            }
        }
    }

    private void SendWaiting()
    {
        while (_outgoing.TryDequeue(out (MessageChannel Channel, NetMQMessage Frames) message, TimeSpan.Zero))
        {
            _sockets[message.Channel].SendMultipartMessage(message.Frames);
        }
    }

    // Serialises and signs. Many small pieces of text become few messages, so that a cell that prints does not drown its client.
    private void Write()
    {
        do
        {
            _somethingWaits.WaitOne(TimeSpan.FromSeconds(1)); // an aborted cell may leave a message and no signal
            while (_waiting.TryDequeue(out OutgoingMessage? message))
            {
                bool moreTextMayCome = message.Type == "stream" && MergeFollowing(message);
                if (_logContent)
                {
                    _log($"{message.Channel} → {message.Type} {message.Content.ToJsonString()}");
                }

                _outgoing.Enqueue((message.Channel, _format.Write(message)));
                if (moreTextMayCome)
                {
                    Thread.Sleep(StreamPause); // else a cell that prints as fast as this sends would have a message for each line
                }
            }
        } while (!_closing || !_waiting.IsEmpty);
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
        )
        {
            _waiting.TryDequeue(out _);
            text ??= new StringBuilder((string?)message.Content["text"]);
            text.Append((string?)next.Content["text"]);
        }

        if (text is not null)
        {
            message.Content["text"] = text.ToString();
        }

        return next is null;
    }
}
