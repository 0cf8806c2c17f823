using System.Text;
using System.Text.Json.Nodes;
using NetMQ;
using NetMQ.Sockets;

namespace AttentionLab.Kernel.Jupyter;

/// <summary>
/// The socket by which all clients get what cells show. Each subscriber is sent to on its own, so that one that does not read
/// costs a bounded number of messages and of bytes, and the others miss nothing. Belongs to the sockets' thread.
/// </summary>
internal sealed class Publisher : IDisposable
{
    private const int MostMessages = 2_000; // that wait for one subscriber; what is more it misses
    private const long MostBytes = 64 << 20; // the same

    private readonly XPublisherSocket _socket = new();
    private readonly MessageFormat _format;
    private readonly List<Subscriber> _subscribers = [];
    private int _number;

    static Publisher() => BufferPool.SetCustomBufferPool(new SubscriberBuffers());

    public Publisher(MessageFormat format)
    {
        _format = format;
        _socket.Options.ManualPublisher = true;
        _socket.Options.SendHighWatermark = MostMessages;
        _socket.ReceiveReady += (_, _) => TakeSubscriptions();
    }

    /// <summary>The socket, to be bound and polled.</summary>
    public NetMQSocket Socket => _socket;

    /// <summary>Sends a message to all who asked for its type, which is its first frame.</summary>
    public void Send(NetMQMessage message)
    {
        byte[] type = message.First.ToByteArray();
        long size = message.Sum(frame => (long)frame.MessageSize);
        foreach (Subscriber subscriber in _subscribers)
        {
            if (subscriber.Wants(type) && (subscriber.Waiting == 0 || subscriber.Waiting + size <= MostBytes))
            {
                Send(subscriber, type, message);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private void Send(Subscriber subscriber, byte[] type, NetMQMessage message)
    {
        message.Pop();
        message.Push([.. subscriber.Key, .. type]);
        SubscriberBuffers.Receiver = subscriber;
        _socket.SendMultipartMessage(message);
        SubscriberBuffers.Receiver = null;
    }

    // A byte, 1 for a new subscription and 0 for one that is over, and its topic; the latter comes under the subscriber's key.
    private void TakeSubscriptions()
    {
        NetMQMessage? frames = null;
        while (_socket.TryReceiveMultipartMessage(ref frames))
        {
            switch (frames.First.ToByteArray())
            {
                case [1, .. var topic]:
                    var subscriber = new Subscriber(topic, ++_number);
                    _socket.Subscribe(subscriber.Key);
                    _subscribers.Add(subscriber);
                    Welcome(subscriber, topic);
                    break;
                case [0, .. var key]:
                    _subscribers.RemoveAll(each => each.Key.AsSpan().SequenceEqual(key));
                    break;
            }
        }
    }

    // Says to a new subscriber that from now on it misses nothing.
    private void Welcome(Subscriber subscriber, byte[] topic)
    {
        var content = new JsonObject { ["subscription"] = Encoding.UTF8.GetString(topic) };
        var message = new OutgoingMessage(MessageChannel.IoPub, [topic], "iopub_welcome", OutgoingMessage.NoParent, content);
        Send(subscriber, topic, _format.Write(message));
    }
}
