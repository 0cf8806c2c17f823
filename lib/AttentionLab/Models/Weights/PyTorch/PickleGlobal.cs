using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>A Python name that a pickle may mention, and what stands for it here.</summary>
/// <param name="Name">Module and name: <c>torch._utils._rebuild_tensor_v2</c>.</param>
/// <param name="Call">What calling it gives; null when it cannot be called.</param>
/// <param name="Type">For a dtype or a class of storages, the elements' type.</param>
internal sealed record PickleGlobal(string Name, Func<object?[], object?>? Call = null, ScalarType? Type = null);
