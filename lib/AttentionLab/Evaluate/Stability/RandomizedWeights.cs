using AttentionLab.Core;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Evaluate;

/// <summary>
/// Makes a model's layers forget what they learned, one by one. Disposal puts every weight and buffer back to the bit.
/// </summary>
/// <remarks>
/// A layer gets the weights that PyTorch gives before training, drawn from a seed: uniform within ±1/√(fan-in) for weights of two
/// or more dimensions and the biases beside them; for normalisation, scale 1, shift 0, running mean 0 and running variance 1.
/// </remarks>
internal sealed class RandomizedWeights : IDisposable
{
    private readonly Dictionary<string, nn.Module> _modules;
    private readonly List<(Tensor Live, Tensor Saved)> _saved = [];
    private readonly long _seed;

    /// <param name="model">Stays the caller's, and no one else may use it until disposal.</param>
    /// <param name="input">Pictures, to see in which order the model uses its layers.</param>
    /// <param name="seed">Decides the weights.</param>
    /// <exception cref="InvalidOperationException">The model has no weights.</exception>
    public RandomizedWeights(nn.Module<Tensor, Tensor> model, Tensor input, long seed)
    {
        _seed = seed;
        _modules = ModulePaths
            .Of(model)
            .Prepend((Path: "", Module: model))
            .Where(part => part.Module.parameters(recurse: false).Any())
            .ToDictionary(part => part.Path, part => part.Module);
        Layers =
            _modules.Count > 0
                ? [.. OrderOf(model, input)]
                : throw new InvalidOperationException($"{model.GetType().Name} has no weights that could become random.");
        using IDisposable noGradients = no_grad();
        foreach (Tensor live in _modules.Values.SelectMany(Values))
        {
            _saved.Add((live, live.detach().clone().DetachFromDisposeScope()));
        }
    }

    /// <summary>
    /// The layers that have weights, the last that the model uses first; those that no hook fires on come last of all. The
    /// model's own is "".
    /// </summary>
    public IReadOnlyList<string> Layers { get; }

    /// <summary>Gives a layer the weights of one that has learned nothing.</summary>
    public void Randomize(string layer)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        nn.Module module = _modules[layer];
        (string Name, Tensor Value)[] parameters =
        [
            .. module.named_parameters(recurse: false).Select(parameter => (parameter.name, (Tensor)parameter.parameter)),
        ];
        var random = new RandomStream(_seed, Layers.ToList().IndexOf(layer));
        double bound = parameters
            .Where(parameter => parameter.Value.dim() > 1)
            .Select(parameter => BoundOf(parameter.Value))
            .FirstOrDefault();
        foreach ((string name, Tensor value) in parameters)
        {
            if (value.dim() > 1)
            {
                Draw(value, BoundOf(value), ref random);
            }
            else if (bound > 0)
            {
                Draw(value, bound, ref random);
            }
            else
            {
                value.fill_(name == "weight" ? 1 : 0);
            }
        }

        foreach ((string name, Tensor value) in module.named_buffers(recurse: false))
        {
            if (name is "running_mean" or "running_var")
            {
                value.fill_(name == "running_var" ? 1 : 0);
            }
        }
    }

    /// <summary>Puts the weights back. A second call does nothing.</summary>
    public void Dispose()
    {
        using IDisposable noGradients = no_grad();
        foreach ((Tensor live, Tensor saved) in _saved)
        {
            live.copy_(saved);
            saved.Dispose();
        }

        _saved.Clear();
    }

    private static IEnumerable<Tensor> Values(nn.Module module) =>
        module.parameters(recurse: false).Concat(module.buffers(recurse: false));

    private static double BoundOf(Tensor weight) => 1 / Math.Sqrt(weight.numel() / (double)weight.shape[0]);

    private static void Draw(Tensor value, double bound, ref RandomStream random)
    {
        var values = new float[value.numel()];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)random.Uniform(-bound, bound);
        }

        using Tensor drawn = tensor(values, value.shape);
        value.copy_(drawn);
    }

    private IEnumerable<string> OrderOf(nn.Module<Tensor, Tensor> model, Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        using var evaluation = new EvaluationMode(model);
        using IDisposable noGradients = no_grad();
        var used = new List<string>();
        using var hooks = new ForwardHooks(
            model,
            (path, _, output) =>
            {
                used.Remove(path);
                used.Add(path);
                return output;
            }
        );
        ForwardPass.Of(model, input[..1].clone());
        return [.. used.AsEnumerable().Reverse().Where(_modules.ContainsKey), .. _modules.Keys.Reverse().Except(used)];
    }
}
