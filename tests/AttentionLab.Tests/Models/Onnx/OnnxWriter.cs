using System.Buffers.Binary;
using System.Text;

namespace AttentionLab.Tests.Models.Onnx;

/// <summary>Writes small ONNX files for tests, field by field.</summary>
internal sealed class OnnxWriter
{
    private readonly MemoryStream _graph = new();
    private readonly MemoryStream _model = new();

    public OnnxWriter(int opset = 17)
    {
        Field(_model, 1, 8);
        Field(_model, 8, Message(m => Field(m, 2, opset)));
    }

    /// <summary>A float32 input or output; a negative side is free.</summary>
    public OnnxWriter Input(string name, params long[] shape) => ValueInfo(11, name, shape);

    public OnnxWriter Output(string name, params long[] shape) => ValueInfo(12, name, shape);

    public OnnxWriter Floats(string name, long[] shape, params float[] values)
    {
        var bytes = new byte[4 * values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), values[i]);
        }

        return Tensor(name, 1, shape, bytes);
    }

    public OnnxWriter Integers(string name, params long[] values)
    {
        var bytes = new byte[8 * values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8 * i), values[i]);
        }

        return Tensor(name, 7, [values.Length], bytes);
    }

    /// <summary>An initializer of any element type from its raw bytes.</summary>
    public OnnxWriter Tensor(string name, int type, long[] shape, byte[] raw)
    {
        Field(_graph, 5, TensorBytes(name, type, shape, raw));
        return this;
    }

    /// <summary>An initializer whose elements lie in another file.</summary>
    public OnnxWriter External(string name, long[] shape, string location, long offset = 0)
    {
        Field(
            _graph,
            5,
            Message(m =>
            {
                foreach (long side in shape)
                {
                    Field(m, 1, side);
                }

                Field(m, 2, 1);
                Field(m, 8, Encoding.UTF8.GetBytes(name));
                Field(m, 13, Entry("location", location));
                Field(m, 13, Entry("offset", $"{offset}"));
                Field(m, 14, 1);
            })
        );
        return this;
    }

    public OnnxWriter Node(
        string type,
        string name,
        string[] inputs,
        string[] outputs,
        Action<MemoryStream>? more = null,
        (string Name, object Value)[]? attributes = null
    )
    {
        Field(_graph, 1, NodeBytes(type, name, inputs, outputs, more, attributes));
        return this;
    }

    /// <summary>A function of the model.</summary>
    public OnnxWriter Function(string domain, string name, string[] inputs, string[] outputs, params byte[][] nodes)
    {
        Field(
            _model,
            25,
            Message(m =>
            {
                Field(m, 1, Encoding.UTF8.GetBytes(name));
                foreach (string input in inputs)
                {
                    Field(m, 4, Encoding.UTF8.GetBytes(input));
                }

                foreach (string output in outputs)
                {
                    Field(m, 5, Encoding.UTF8.GetBytes(output));
                }

                foreach (byte[] node in nodes)
                {
                    Field(m, 7, node);
                }

                Field(m, 10, Encoding.UTF8.GetBytes(domain));
            })
        );
        return this;
    }

    public byte[] ToArray()
    {
        var whole = new MemoryStream();
        whole.Write(_model.ToArray());
        Field(whole, 7, _graph.ToArray());
        return whole.ToArray();
    }

    public static byte[] NodeBytes(
        string type,
        string name,
        string[] inputs,
        string[] outputs,
        Action<MemoryStream>? more = null,
        (string Name, object Value)[]? attributes = null
    ) =>
        Message(m =>
        {
            foreach (string input in inputs)
            {
                Field(m, 1, Encoding.UTF8.GetBytes(input));
            }

            foreach (string output in outputs)
            {
                Field(m, 2, Encoding.UTF8.GetBytes(output));
            }

            Field(m, 3, Encoding.UTF8.GetBytes(name));
            Field(m, 4, Encoding.UTF8.GetBytes(type));
            foreach ((string key, object value) in attributes ?? [])
            {
                Field(m, 5, Attribute(key, value));
            }

            more?.Invoke(m);
        });

    /// <summary>Text beside a node: key and value.</summary>
    public static void Metadata(MemoryStream node, string key, string value) => Field(node, 9, Entry(key, value));

    /// <summary>A node's operator domain.</summary>
    public static void Domain(MemoryStream node, string domain) => Field(node, 7, Encoding.UTF8.GetBytes(domain));

    private static byte[] Attribute(string name, object value) =>
        Message(m =>
        {
            Field(m, 1, Encoding.UTF8.GetBytes(name));
            Field(
                m,
                20,
                value switch
                {
                    float => 1,
                    int => 2,
                    string => 3,
                    OnnxWriter => 5,
                    _ => 7,
                }
            );
            switch (value)
            {
                case float number:
                    Varint(m, (2 << 3) | 5);
                    m.Write(BitConverter.GetBytes(number));
                    break;
                case int number:
                    Field(m, 3, number);
                    break;
                case string text:
                    Field(m, 4, Encoding.UTF8.GetBytes(text));
                    break;
                case OnnxWriter branch:
                    Field(m, 6, branch._graph.ToArray());
                    break;
                case long[] numbers:
                    foreach (long number in numbers)
                    {
                        Field(m, 8, number);
                    }

                    break;
                default:
                    throw new ArgumentException($"There are no attributes of {value.GetType().Name} here.", nameof(value));
            }
        });

    private OnnxWriter ValueInfo(int field, string name, long[] shape)
    {
        byte[] sides = Message(m =>
        {
            foreach (long side in shape)
            {
                Field(m, 1, Message(d => _ = side < 0 ? Field(d, 2, "N"u8) : Field(d, 1, side)));
            }
        });
        byte[] tensor = Message(m =>
        {
            Field(m, 1, 1);
            if (shape.Length > 0)
            {
                Field(m, 2, sides);
            }
        });
        Field(
            _graph,
            field,
            Message(m =>
            {
                Field(m, 1, Encoding.UTF8.GetBytes(name));
                Field(m, 2, Message(t => Field(t, 1, tensor)));
            })
        );
        return this;
    }

    private static byte[] TensorBytes(string name, int type, long[] shape, byte[] raw) =>
        Message(m =>
        {
            foreach (long side in shape)
            {
                Field(m, 1, side);
            }

            Field(m, 2, type);
            Field(m, 8, Encoding.UTF8.GetBytes(name));
            Field(m, 9, raw);
        });

    private static byte[] Entry(string key, string value) =>
        Message(m =>
        {
            Field(m, 1, Encoding.UTF8.GetBytes(key));
            Field(m, 2, Encoding.UTF8.GetBytes(value));
        });

    private static byte[] Message(Action<MemoryStream> write)
    {
        var message = new MemoryStream();
        write(message);
        return message.ToArray();
    }

    private static bool Field(MemoryStream into, int number, long value)
    {
        Varint(into, (ulong)number << 3);
        Varint(into, (ulong)value);
        return true;
    }

    private static bool Field(MemoryStream into, int number, ReadOnlySpan<byte> bytes)
    {
        Varint(into, ((ulong)number << 3) | 2);
        Varint(into, (ulong)bytes.Length);
        into.Write(bytes);
        return true;
    }

    private static void Varint(MemoryStream into, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            into.WriteByte((byte)(value | 0x80));
        }

        into.WriteByte((byte)value);
    }
}
