using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>The mode of every module of a network, train or eval, as it was.</summary>
internal sealed class ModuleModes
{
    private readonly (nn.Module Module, bool Training)[] _modes;

    /// <summary>Notes the modes.</summary>
    public ModuleModes(nn.Module model) =>
        _modes = [(model, model.training), .. model.named_modules().Select(part => (part.module, part.module.training))];

    private ModuleModes((nn.Module Module, bool Training)[] modes) => _modes = modes;

    /// <summary>Whether a module with running statistics, such as BatchNorm, is among those that train.</summary>
    public bool TrainsStatistics => _modes.Any(mode => mode.Training && mode.Module.named_buffers(recurse: false).Any());

    /// <summary>
    /// All modules in train mode but those that were frozen. In a network that is in train mode, that is what is in eval mode; in
    /// one that is in eval mode altogether, as after a training or when its weights were loaded, it is a layer none of whose
    /// weights requires a gradient.
    /// </summary>
    public ModuleModes ForTraining()
    {
        bool evaluates = !_modes[0].Training;
        return new([.. _modes.Select(mode => (mode.Module, mode.Training || (evaluates && !IsFrozen(mode.Module))))]);

        static bool IsFrozen(nn.Module module) =>
            module.named_parameters(recurse: false).ToArray() is { Length: > 0 } weights
            && weights.All(weight => !weight.parameter.requires_grad);
    }

    /// <summary>Sets every module's mode.</summary>
    public void Restore()
    {
        // A module's mode is set for all below it, and each comes before its own.
        foreach ((nn.Module module, bool training) in _modes)
        {
            module.train(training);
        }
    }
}
