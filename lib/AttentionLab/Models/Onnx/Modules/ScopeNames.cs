using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>A module that only gives its parts a name, as PyTorch's <c>ModuleList</c> does.</summary>
internal sealed class ScopeNames : nn.Module
{
    /// <summary>Makes one without parts.</summary>
    public ScopeNames()
        : base(nameof(ScopeNames)) { }
}
