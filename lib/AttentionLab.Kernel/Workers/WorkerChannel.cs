using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace AttentionLab.Kernel.Workers;

/// <summary>
/// Messages over two pipes. A message is one byte that says its kind, the payload's length in four bytes, and the payload in
/// UTF-8. Sending returns when the operating system has the bytes: they arrive even if the process ends right afterwards.
/// </summary>
internal sealed class WorkerChannel(Stream input, Stream output) : IDisposable
{
    private const byte Json = 0;
    private const byte StandardOutput = 1;
    private const byte StandardError = 2;
    private const int HeaderSize = 5;

    // A notebook file holds an output five levels deep, and is read and written with 512 levels.
    private static readonly JsonSerializerOptions Options = new() { MaxDepth = 500 };

    private readonly Lock _sending = new();

    /// <summary>Sends a message. Safe for any thread.</summary>
    /// <exception cref="IOException">The other side is gone.</exception>
    public void Send(WorkerMessage message)
    {
        (byte kind, byte[] payload) = message switch
        {
            WorkerMessage.Text { Stream: "stderr" } text => (StandardError, Encoding.UTF8.GetBytes(text.Value)),
            WorkerMessage.Text text => (StandardOutput, Encoding.UTF8.GetBytes(text.Value)),
            _ => (Json, JsonSerializer.SerializeToUtf8Bytes(message, Options)),
        };
        byte[] frame = new byte[HeaderSize + payload.Length];
        frame[0] = kind;
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame, HeaderSize);
        lock (_sending)
        {
            output.Write(frame);
            output.Flush();
        }
    }

    /// <summary>Waits for the next message; null when the other side is gone.</summary>
    /// <exception cref="InvalidDataException">What came is not a message: its sender was stopped while it wrote.</exception>
    public WorkerMessage? Receive()
    {
        byte[] header = new byte[HeaderSize];
        if (input.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) < HeaderSize)
        {
            return null;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(1));
        if (length < 0 || header[0] > StandardError)
        {
            throw new InvalidDataException("A message was cut off.");
        }

        byte[] payload = new byte[length];
        if (input.ReadAtLeast(payload, length, throwOnEndOfStream: false) < length)
        {
            return null;
        }

        try
        {
            return header[0] switch
            {
                StandardOutput => new WorkerMessage.Text("stdout", Encoding.UTF8.GetString(payload)),
                StandardError => new WorkerMessage.Text("stderr", Encoding.UTF8.GetString(payload)),
                _ => JsonSerializer.Deserialize<WorkerMessage>(payload, Options),
            };
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("A message was cut off.", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        output.Dispose();
        input.Dispose();
    }
}
