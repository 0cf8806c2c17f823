using System.Text.Json;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>An ONNX file, which the file of a layer on it includes whole.</summary>
/// <param name="Source">Its bytes and how they are read.</param>
internal sealed record OnnxOrigin(OnnxSource Source) : BackboneOrigin
{
    public const string FileName = "onnx",
        OptionsKey = "onnx_options";

    /// <summary>The tensor of bytes that is the ONNX file.</summary>
    public const string TensorName = "onnx";

    public override string Name => FileName;

    public override bool HasWeights => true;

    /// <exception cref="InvalidDataException">The file does not hold the ONNX file.</exception>
    public static OnnxOrigin ReadFrom(TensorFile file) =>
        file.Tensors.TryGetValue(TensorName, out TensorInfo? info) && info is { Type: ScalarType.Byte, Shape.Count: 1 }
            ? new OnnxOrigin(OnnxSource.Within(file.Path, OptionsOf(file.Metadata)))
            : throw new InvalidDataException(
                $"{file.Path} holds a last layer on an ONNX network, and not that network: its tensor '{TensorName}' of bytes is "
                    + "missing."
            );

    public override nn.Module<Tensor, Tensor> Create() => OnnxNetwork.Read(Source);

    public override void AddTo(IDictionary<string, Tensor> tensors, IDictionary<string, string> text)
    {
        base.AddTo(tensors, text);
        text[OptionsKey] = JsonSerializer.Serialize(Source.Options);
        tensors[TensorName] = tensor(Source.Bytes(), ScalarType.Byte);
    }

    private static OnnxOptions OptionsOf(IReadOnlyDictionary<string, string> text)
    {
        try
        {
            return text.TryGetValue(OptionsKey, out string? json)
                ? JsonSerializer.Deserialize<OnnxOptions>(json) ?? new OnnxOptions()
                : new OnnxOptions();
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The text under '{OptionsKey}' is damaged: {e.Message}", e);
        }
    }
}
