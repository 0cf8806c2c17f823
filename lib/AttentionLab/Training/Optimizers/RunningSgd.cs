using System.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary><see cref="Sgd"/> at work.</summary>
/// <param name="sgd">Its numbers.</param>
/// <param name="weights">What it moves.</param>
/// <param name="decays">λ of each weight.</param>
/// <param name="learningRate">Of the first step.</param>
internal sealed class RunningSgd(Sgd sgd, IReadOnlyList<Weight> weights, double[] decays, double learningRate)
    : RunningOptimizer(weights, learningRate)
{
    private readonly Tensor[] _momentum = Zeros(weights);

    /// <summary>The momentum v of each weight (<c>sgd/momentum</c>).</summary>
    public override IReadOnlyDictionary<string, Tensor[]> State =>
        new Dictionary<string, Tensor[]> { ["sgd/momentum"] = _momentum };

    protected override void MoveInMemory(int index, Tensor master, Parameter working, Tensor gradient) =>
        Run(
            new Rule(
                Numbers<float>(_momentum[index]),
                (float)LearningRate,
                (float)sgd.Momentum,
                sgd.Nesterov,
                (float)Kept(index),
                (float)Added(index)
            ),
            master,
            working,
            gradient
        );

    protected override void MoveByTensors(int index, Tensor weights, Tensor gradient)
    {
        Tensor slope = gradient.add(weights, Added(index));
        weights.mul_(Kept(index));
        _momentum[index].mul_(sgd.Momentum).add_(slope);
        weights.add_(sgd.Nesterov ? slope.add(_momentum[index], sgd.Momentum) : _momentum[index], -LearningRate);
    }

    /// <summary>What decoupled decay leaves of a weight.</summary>
    private double Kept(int index) => sgd.Decoupled ? 1 - (LearningRate * decays[index]) : 1;

    /// <summary>The part of the weight that coupled decay adds to the gradient.</summary>
    private double Added(int index) => sgd.Decoupled ? 0 : decays[index];

    private readonly ref struct Rule(Span<float> momentum, float rate, float keep, bool nesterov, float kept, float added)
        : IUpdateRule
    {
        private readonly Span<float> _momentum = momentum;
        private readonly float _rate = rate,
            _keep = keep,
            _kept = kept,
            _added = added;
        private readonly bool _nesterov = nesterov;

        public Vector<float> Move(int i, Vector<float> weights, Vector<float> gradient)
        {
            Vector<float> slope = gradient + (weights * _added);
            Vector<float> moving = (new Vector<float>(_momentum[i..]) * _keep) + slope;
            moving.CopyTo(_momentum[i..]);
            return (weights * _kept) - ((_nesterov ? slope + (moving * _keep) : moving) * _rate);
        }

        public float Move(int i, float weight, float gradient)
        {
            float slope = gradient + (weight * _added);
            _momentum[i] = (_momentum[i] * _keep) + slope;
            return (weight * _kept) - ((_nesterov ? slope + (_momentum[i] * _keep) : _momentum[i]) * _rate);
        }
    }
}
