using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>A block of elements that lies outside of the pickle, under a key; tensors are windows on it.</summary>
/// <param name="Key">Names it within the file.</param>
/// <param name="Type">Its elements' type; null where it is bytes and each tensor says its own.</param>
/// <param name="ByteCount">Its length.</param>
internal sealed record PickleStorage(string Key, ScalarType? Type, long ByteCount);
