using AttentionLab.Core;

namespace AttentionLab.Models;

/// <summary>Reads the messages of <c>onnx.proto</c>: one method for each, and only the fields that a network needs.</summary>
/// <remarks>
/// Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. Unknown fields are passed over, as protobuf asks.
/// Graphs in attributes, the branches of a choice, nest to a bound.
/// </remarks>
internal static class OnnxFormat
{
    private const int MostNodes = 200_000,
        MostNesting = 16;

    /// <summary>Reads a file's bytes.</summary>
    /// <exception cref="InvalidDataException">The bytes are not an ONNX model; the message says at which byte.</exception>
    public static OnnxModel Read(ReadOnlyMemory<byte> bytes)
    {
        var model = new OnnxModel();
        string version = "";
        var reader = new ProtobufReader(bytes, 0);
        while (reader.Next())
        {
            ProtobufField field = reader.Field;
            switch (field.Number)
            {
                case 2:
                    model.Producer = Text(field);
                    break;
                case 3:
                    version = Text(field);
                    break;
                case 7:
                    ReadGraph(Message(field), model.Graph, 0);
                    model.HasGraph = true;
                    break;
                case 8:
                    ReadOpset(Message(field), model.Opsets);
                    break;
                case 14:
                    ReadEntry(Message(field), model.Metadata);
                    break;
                case 25:
                    model.Functions.Add(ReadFunction(Message(field)));
                    break;
            }
        }

        model.Producer = $"{model.Producer} {version}".Trim();
        return model;
    }

    private static OnnxGraph ReadGraph(ProtobufField message, OnnxGraph graph, int depth)
    {
        if (depth > MostNesting)
        {
            throw new InvalidDataException($"At byte {message.Offset}: graphs lie in each other more than {MostNesting} deep.");
        }

        var reader = new ProtobufReader(message.Bytes, message.Offset);
        while (reader.Next())
        {
            ProtobufField field = reader.Field;
            switch (field.Number)
            {
                case 1:
                    AddNode(graph.Nodes, field, depth);
                    break;
                case 5:
                    graph.Initializers.Add(ReadTensor(Message(field)));
                    break;
                case 11:
                    graph.Inputs.Add(ReadValueInfo(Message(field)));
                    break;
                case 12:
                    graph.Outputs.Add(ReadValueInfo(Message(field)));
                    break;
                case 15:
                    graph.HasSparse = true;
                    break;
            }
        }

        return graph;
    }

    private static OnnxFunction ReadFunction(ProtobufField message)
    {
        var function = new OnnxFunction();
        var reader = new ProtobufReader(message.Bytes, message.Offset);
        while (reader.Next())
        {
            ProtobufField field = reader.Field;
            switch (field.Number)
            {
                case 1:
                    function.Name = Text(field);
                    break;
                case 4:
                    function.Inputs.Add(Text(field));
                    break;
                case 5:
                    function.Outputs.Add(Text(field));
                    break;
                case 7:
                    AddNode(function.Nodes, field, 0);
                    break;
                case 10:
                    function.Domain = Domain(Text(field));
                    break;
                case 11:
                    OnnxAttribute attribute = ReadAttribute(Message(field), 0);
                    function.Defaults[attribute.Name] = attribute;
                    break;
                case 13:
                    function.Overload = Text(field);
                    break;
            }
        }

        return function;
    }

    private static void AddNode(List<OnnxNode> nodes, ProtobufField field, int depth)
    {
        if (nodes.Count == MostNodes)
        {
            throw new InvalidDataException($"At byte {field.Offset}: the graph has more than {MostNodes} nodes.");
        }

        nodes.Add(ReadNode(Message(field), depth));
    }

    private static OnnxNode ReadNode(ProtobufField message, int depth)
    {
        var node = new OnnxNode { Offset = message.Offset };
        var reader = new ProtobufReader(message.Bytes, message.Offset);
        while (reader.Next())
        {
            ProtobufField field = reader.Field;
            switch (field.Number)
            {
                case 1:
                    node.Inputs.Add(Text(field));
                    break;
                case 2:
                    node.Outputs.Add(Text(field));
                    break;
                case 3:
                    node.Name = Text(field);
                    break;
                case 4:
                    node.Operator = Text(field);
                    break;
                case 5:
                    OnnxAttribute attribute = ReadAttribute(Message(field), depth);
                    node.Attributes[attribute.Name] = attribute;
                    break;
                case 7:
                    node.Domain = Domain(Text(field));
                    break;
                case 8:
                    node.Overload = Text(field);
                    break;
                case 9:
                    ReadEntry(Message(field), node.Metadata);
                    break;
            }
        }

        return OnnxBranch.IsChoice(node) ? OnnxBranch.WithCaptured(node) : node;
    }

    private static OnnxAttribute ReadAttribute(ProtobufField message, int depth)
    {
        var attribute = new OnnxAttribute();
        var reader = new ProtobufReader(message.Bytes, message.Offset);
        while (reader.Next())
        {
            ProtobufField field = reader.Field;
            switch (field.Number)
            {
                case 1:
                    attribute.Name = Text(field);
                    break;
                case 2:
                    attribute.Float = BitConverter.UInt32BitsToSingle((uint)field.Value);
                    break;
                case 3:
                    attribute.Integer = (long)field.Value;
                    break;
                case 4:
                    attribute.Text = Text(field);
                    break;
                case 5:
                    attribute.Tensor = ReadTensor(Message(field));
                    break;
                case 6:
                    attribute.Graph = ReadGraph(Message(field), new OnnxGraph { Offset = field.Offset }, depth + 1);
                    break;
                case 10:
                    attribute.HasGraphs = true;
                    break;
                case 7:
                    ProtobufReader.Floats(field, attribute.Floats);
                    break;
                case 8:
                    ProtobufReader.Varints(field, attribute.Integers);
                    break;
                case 9:
                    attribute.Texts.Add(Text(field));
                    break;
                case 21:
                    attribute.Reference = Text(field);
                    break;
            }
        }

        return attribute;
    }

    /// <summary>Reads a message <c>TensorProto</c>, which also stands alone in files of test data.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a tensor.</exception>
    public static OnnxTensor ReadTensor(ReadOnlyMemory<byte> bytes) => ReadTensor(new ProtobufField(0, 0, bytes, true, 0));

    private static OnnxTensor ReadTensor(ProtobufField message)
    {
        var tensor = new OnnxTensor { Offset = message.Offset };
        var reader = new ProtobufReader(message.Bytes, message.Offset);
        while (reader.Next())
        {
            ProtobufField field = reader.Field;
            switch (field.Number)
            {
                case 1:
                    ProtobufReader.Varints(field, tensor.Dims);
                    break;
                case 2:
                    tensor.DataType = (long)field.Value;
                    break;
                case 4:
                    ProtobufReader.Floats(field, tensor.Floats);
                    break;
                case 5 or 7 or 11:
                    ProtobufReader.Varints(field, tensor.Integers);
                    break;
                case 6:
                    tensor.HasTexts = true;
                    break;
                case 8:
                    tensor.Name = Text(field);
                    break;
                case 9:
                    tensor.Raw = Message(field).Bytes;
                    break;
                case 10:
                    ProtobufReader.Doubles(field, tensor.Doubles);
                    break;
                case 13:
                    ReadEntry(Message(field), tensor.External);
                    break;
                case 14:
                    tensor.IsExternal = field.Value == 1;
                    break;
            }
        }

        return tensor;
    }

    private static OnnxValueInfo ReadValueInfo(ProtobufField message)
    {
        var info = new OnnxValueInfo();
        var reader = new ProtobufReader(message.Bytes, message.Offset);
        while (reader.Next())
        {
            switch (reader.Field.Number)
            {
                case 1:
                    info.Name = Text(reader.Field);
                    break;
                case 2:
                    ReadType(Message(reader.Field), info);
                    break;
            }
        }

        return info;
    }

    private static void ReadType(ProtobufField message, OnnxValueInfo info)
    {
        foreach (ProtobufField tensor in Fields(message, 1))
        {
            var reader = new ProtobufReader(tensor.Bytes, tensor.Offset);
            while (reader.Next())
            {
                switch (reader.Field.Number)
                {
                    case 1:
                        info.ElementType = (long)reader.Field.Value;
                        break;
                    case 2:
                        info.Shape = [.. Fields(Message(reader.Field), 1).Select(ReadSide)];
                        break;
                }
            }
        }
    }

    private static long? ReadSide(ProtobufField message)
    {
        long? side = null;
        var reader = new ProtobufReader(message.Bytes, message.Offset);
        while (reader.Next())
        {
            side = reader.Field is { Number: 1, IsBytes: false } ? (long)reader.Field.Value : side;
        }

        return side > 0 ? side : null; // 0 and less: exporters' ways to say "any"
    }

    private static List<ProtobufField> Fields(ProtobufField message, int number)
    {
        var fields = new List<ProtobufField>();
        var reader = new ProtobufReader(message.Bytes, message.Offset);
        while (reader.Next())
        {
            if (reader.Field.Number == number)
            {
                fields.Add(Message(reader.Field));
            }
        }

        return fields;
    }

    private static void ReadOpset(ProtobufField message, Dictionary<string, long> opsets)
    {
        string domain = "";
        long version = 0;
        var reader = new ProtobufReader(message.Bytes, message.Offset);
        while (reader.Next())
        {
            switch (reader.Field.Number)
            {
                case 1:
                    domain = Domain(Text(reader.Field));
                    break;
                case 2:
                    version = (long)reader.Field.Value;
                    break;
            }
        }

        opsets[domain] = Math.Clamp(version, 0, int.MaxValue);
    }

    private static void ReadEntry(ProtobufField message, Dictionary<string, string> entries)
    {
        string key = "",
            value = "";
        var reader = new ProtobufReader(message.Bytes, message.Offset);
        while (reader.Next())
        {
            switch (reader.Field.Number)
            {
                case 1:
                    key = Text(reader.Field);
                    break;
                case 2:
                    value = Text(reader.Field);
                    break;
            }
        }

        entries[key] = value;
    }

    private static string Text(ProtobufField field) => ProtobufReader.Text(Message(field));

    private static string Domain(string domain) => domain == "ai.onnx" ? "" : domain;

    private static ProtobufField Message(ProtobufField field) =>
        field.IsBytes
            ? field
            : throw new InvalidDataException(
                $"At byte {field.Offset}: field {Excerpt.Of($"{field.Number}")} is a number where bytes are expected."
            );
}
