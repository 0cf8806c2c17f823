using System.Globalization;
using System.Text;

namespace AttentionLab.Kernel.Jupyter;

/// <summary>A client that reads what the kernel publishes, or should.</summary>
internal sealed class Subscriber
{
    private const string Separator = "\0";

    private readonly byte[] _topic;
    private long _waiting;

    /// <summary>
    /// A subscriber to messages whose type starts with a topic; clients of Jupyter ask for all, with an empty one.
    /// </summary>
    public Subscriber(byte[] topic, int number)
    {
        _topic = topic;
        Key = [.. topic, .. Encoding.ASCII.GetBytes(Separator + number.ToString(CultureInfo.InvariantCulture) + Separator)];
    }

    /// <summary>What the first frame of each message to it starts with, and of no message to another.</summary>
    public byte[] Key { get; }

    /// <summary>The bytes that were sent to it and that it has not taken yet.</summary>
    public long Waiting => Interlocked.Read(ref _waiting);

    /// <summary>Whether it asked for messages of a type.</summary>
    public bool Wants(ReadOnlySpan<byte> type) => type.StartsWith(_topic);

    /// <summary>Counts bytes that were sent, or taken if negative.</summary>
    public void Count(long bytes) => Interlocked.Add(ref _waiting, bytes);
}
