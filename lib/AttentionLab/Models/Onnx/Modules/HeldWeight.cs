using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// A weight where its module holds it: looked up by name at every use, since loading and moving a network replace tensors.
/// </summary>
/// <param name="constant">The weight as the file has it.</param>
/// <param name="isBuffer">Whether it is a statistic that training does not change by gradients.</param>
internal sealed class HeldWeight(OnnxConstant constant, bool isBuffer)
{
    private nn.Module? _owner;
    private string _name = "";

    /// <summary>The weight's name in the file.</summary>
    public string FileName => constant.Name;

    /// <summary>How modules that use it call it, with the module.</summary>
    public List<(nn.Module User, string Role)> Users { get; } = [];

    /// <summary>The weight as it is now.</summary>
    public Tensor Value =>
        (isBuffer ? _owner?.get_buffer(_name) : _owner?.get_parameter(_name))
        ?? throw new InvalidOperationException($"The weight '{_name}' was removed from its module.");

    /// <summary>Gives the weight to a module.</summary>
    public void GiveTo(nn.Module owner, string name)
    {
        (_owner, _name) = (owner, name);
        Tensor value = constant.Value.alias().DetachFromDisposeScope();
        if (isBuffer)
        {
            owner.register_buffer(name, value);
        }
        else
        {
            owner.register_parameter(name, new TorchSharp.Modules.Parameter(value));
        }
    }
}
