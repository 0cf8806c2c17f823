using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Where an ONNX network's bytes are, and how they are read.</summary>
/// <param name="Path">The file that holds them.</param>
/// <param name="Options">How they are read.</param>
internal sealed record OnnxSource(string Path, OnnxOptions Options)
{
    private readonly (long Length, DateTime Written) _stamp = StampOf(Path);
    private bool _isWithin;

    /// <summary>An ONNX file that is a tensor of a file of weights, see <see cref="OnnxOrigin"/>.</summary>
    public static OnnxSource Within(string weights, OnnxOptions options) => new(weights, options) { _isWithin = true };

    /// <summary>The folder of external data; null where there can be none.</summary>
    public string? Folder => _isWithin ? null : System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path));

    /// <summary>Reads the bytes.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It has changed since, or is too large.</exception>
    public byte[] Bytes()
    {
        if (_isWithin)
        {
            using TensorFile weights = TensorFile.Open(Path);
            using Tensor bytes = weights.Read(OnnxOrigin.TensorName);
            return bytes.bytes.ToArray();
        }

        using var file = new MappedFile(Path);
        return StampOf(Path) != _stamp ? throw new InvalidDataException($"{Path} has changed since it was loaded: load it again.")
            : file.Length > Array.MaxLength
                ? throw new InvalidDataException(
                    $"{Path} has {file.Length} bytes; an ONNX file without external data ends at 2 GiB."
                )
            : file.Bytes(0, (int)file.Length);
    }

    private static (long Length, DateTime Written) StampOf(string path) =>
        new FileInfo(path) is { Exists: true } file ? (file.Length, file.LastWriteTimeUtc) : default;
}
