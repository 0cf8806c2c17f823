using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Puts a model into evaluation mode, and on disposal every one of its parts back into the mode it was in.</summary>
internal sealed class EvaluationMode : IDisposable
{
    private readonly (nn.Module Module, bool Training)[] _before;

    public EvaluationMode(nn.Module model)
    {
        _before = [(model, model.training), .. ModulePaths.Of(model).Select(part => (part.Module, part.Module.training))];
        if (_before.Any(part => part.Training))
        {
            model.eval();
        }
    }

    public void Dispose()
    {
        if (_before.Any(part => part.Training))
        {
            // A part's mode is set for all below it, and each part comes before its own.
            foreach ((nn.Module module, bool training) in _before)
            {
                module.train(training);
            }
        }
    }
}
