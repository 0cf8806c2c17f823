using System.Collections.Concurrent;
using NetMQ;

namespace AttentionLab.Kernel.Jupyter;

/// <summary>
/// The memory of NetMQ's messages. NetMQ takes a buffer when a message is sent and gives it back when the operating system has
/// it: what lies between waits for its subscriber.
/// </summary>
internal sealed class SubscriberBuffers : IBufferPool
{
    private const int Smallest = 1 << 10; // below that the number of messages is bound enough

    [ThreadStatic]
    private static Subscriber? t_receiver;

    private readonly ConcurrentDictionary<byte[], Subscriber> _receivers = new();

    /// <summary>Whom the messages are for that this thread sends from now on; null for those that are not counted.</summary>
    public static Subscriber? Receiver
    {
        set => t_receiver = value;
    }

    /// <inheritdoc/>
    public byte[] Take(int size)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(size);
        if (size >= Smallest && t_receiver is { } receiver)
        {
            _receivers[buffer] = receiver;
            receiver.Count(size);
        }

        return buffer;
    }

    /// <inheritdoc/>
    public void Return(byte[] buffer)
    {
        if (buffer.Length >= Smallest && _receivers.TryRemove(buffer, out Subscriber? receiver))
        {
            receiver.Count(-buffer.Length);
        }
    }

    /// <inheritdoc/>
    public void Dispose() { }
}
