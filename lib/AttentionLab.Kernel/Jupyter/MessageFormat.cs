using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using NetMQ;

namespace AttentionLab.Kernel.Jupyter;

/// <summary>
/// Turns messages into frames and back: identities, <c>&lt;IDS|MSG&gt;</c>, the HMAC-SHA256 of the four that follow, header,
/// parent header, metadata, content.
/// </summary>
internal sealed class MessageFormat(string key)
{
    // Nobody puts a message into a page: a Chinese character takes three bytes, not the six of an escape.
    private static readonly JsonWriterOptions AsWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public const string Version = "5.4";

    private const string HalfPair =
        "holds half of a surrogate pair (such as \\ud800), which is not a character. Send whole characters";

    private const int RememberedSignatures = 65536;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly byte[] Delimiter = "<IDS|MSG>"u8.ToArray();

    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);
    private readonly string _session = Guid.NewGuid().ToString("N");
    private readonly HashSet<string> _seen = [];
    private readonly Queue<string> _seenInOrder = new();

    /// <summary>Verifies and reads a message. Called from one thread.</summary>
    /// <exception cref="MalformedMessageException">It is forged, was here before, or is not a message.</exception>
    public IncomingMessage Read(MessageChannel channel, NetMQMessage frames)
    {
        byte[][] parts = [.. frames.Select(frame => frame.ToByteArray())];
        int start = Array.FindIndex(parts, part => part.AsSpan().SequenceEqual(Delimiter)) + 1;
        if (start == 0 || parts.Length < start + 5)
        {
            throw new MalformedMessageException("it lacks its delimiter or some of its frames");
        }

        byte[][] signed = parts[(start + 1)..(start + 5)];
        string signature = Sign(signed);
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(signature), parts[start]))
        {
            throw new MalformedMessageException("its signature is wrong");
        }

        if (!_seen.Add(signature))
        {
            throw new MalformedMessageException("it was here before");
        }

        _seenInOrder.Enqueue(signature);
        if (_seenInOrder.Count > RememberedSignatures)
        {
            _seen.Remove(_seenInOrder.Dequeue());
        }

        JsonObject header = Parse(signed[0], "header"),
            parent = Parse(signed[1], "parent header");
        _ = Parse(signed[2], "metadata");
        string type = Text(header, "msg_type") ?? throw new MalformedMessageException("its header has no msg_type");
        _ = Text(header, "msg_id") ?? throw new MalformedMessageException("its header has no msg_id");
        string? fault = HoldsHalfPair(signed[3]) ? $"its content {HalfPair}" : null; // the sender can be told
        return new IncomingMessage(
            channel,
            parts[..(start - 1)],
            signed[0],
            type,
            Text(parent, "msg_id") ?? "",
            fault is null ? Parse(signed[3], "content") : []
        )
        {
            Fault = fault,
            Length = signed.Sum(part => (long)part.Length),
        };
    }

    /// <summary>Signs and writes a message.</summary>
    public NetMQMessage Write(OutgoingMessage message)
    {
        var header = new JsonObject
        {
            ["msg_id"] = message.Id,
            ["msg_type"] = message.Type,
            ["session"] = _session,
            ["username"] = "kernel",
            ["date"] = DateTime.UtcNow.ToString("O", CultureInfo.InvariantCulture),
            ["version"] = Version,
        };
        byte[][] signed = [Bytes(header), message.ParentHeader.ToArray(), "{}"u8.ToArray(), Bytes(message.Content)];
        return new NetMQMessage([.. message.Identities, Delimiter, Encoding.ASCII.GetBytes(Sign(signed)), .. signed]);
    }

    private string Sign(byte[][] parts)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        foreach (byte[] part in parts)
        {
            hmac.AppendData(part);
        }

        return Convert.ToHexStringLower(hmac.GetHashAndReset());
    }

    // What JSON may say and no text may hold: "\ud800". Python's clients send it for a character they could not decode.
    private static bool HoldsHalfPair(byte[] json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    reader.GetString();
                }
            }

            return false;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
        catch (JsonException)
        {
            return false; // another fault, which parsing names
        }
    }

    private static JsonObject Parse(byte[] json, string what)
    {
        if (HoldsHalfPair(json))
        {
            throw new MalformedMessageException($"its {what} {HalfPair}");
        }

        try
        {
            return JsonNode.Parse(StrictUtf8.GetString(json), documentOptions: new() { AllowDuplicateProperties = false })
                    as JsonObject
                ?? throw new MalformedMessageException($"its {what} is not a JSON object");
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException)
        {
            throw new MalformedMessageException($"its {what} is not valid JSON in UTF-8", e);
        }
    }

    private static string? Text(JsonObject json, string name) =>
        json[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static byte[] Bytes(JsonObject json)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, AsWritten))
        {
            json.WriteTo(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
