using System.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary><see cref="Adam"/> or <see cref="AdamW"/> at work.</summary>
/// <param name="adam">Its numbers.</param>
/// <param name="weights">What it moves.</param>
/// <param name="decays">λ of each weight.</param>
/// <param name="learningRate">Of the first step.</param>
internal sealed class RunningAdam(Adam adam, IReadOnlyList<Weight> weights, double[] decays, double learningRate)
    : RunningOptimizer(weights, learningRate)
{
    private readonly Tensor[] _first = Zeros(weights),
        _second = Zeros(weights);

    /// <summary>The running means of gradients (<c>adam/first</c>) and of squared gradients (<c>adam/second</c>).</summary>
    public override IReadOnlyDictionary<string, Tensor[]> State =>
        new Dictionary<string, Tensor[]> { ["adam/first"] = _first, ["adam/second"] = _second };

    /// <summary>Learning rate over the first means' correction for their start at 0.</summary>
    private double Size => LearningRate / (1 - Math.Pow(adam.Beta1, Steps));

    /// <summary>Root of the second means' correction.</summary>
    private double Root => Math.Sqrt(1 - Math.Pow(adam.Beta2, Steps));

    protected override void MoveInMemory(int index, Tensor master, Parameter working, Tensor gradient) =>
        Run(
            new Rule(
                adam,
                Numbers<float>(_first[index]),
                Numbers<float>(_second[index]),
                (float)Size,
                (float)Root,
                (float)(1 - (LearningRate * decays[index]))
            ),
            master,
            working,
            gradient
        );

    protected override void MoveByTensors(int index, Tensor weights, Tensor gradient)
    {
        (Tensor first, Tensor second) = (_first[index], _second[index]);
        weights.mul_(1 - (LearningRate * decays[index]));
        first.mul_(adam.Beta1).add_(gradient, 1 - adam.Beta1);
        second.mul_(adam.Beta2).addcmul_(gradient, gradient, 1 - adam.Beta2);
        weights.addcdiv_(first, second.sqrt().div_(Root).add_(adam.Epsilon), -Size);
    }

    /// <summary>The formula, with what is left of a weight after its decay.</summary>
    private readonly ref struct Rule(Adam adam, Span<float> first, Span<float> second, float size, float root, float kept)
        : IUpdateRule
    {
        private readonly Span<float> _first = first,
            _second = second;
        private readonly float _keep1 = (float)adam.Beta1,
            _take1 = (float)(1 - adam.Beta1),
            _keep2 = (float)adam.Beta2,
            _take2 = (float)(1 - adam.Beta2),
            _epsilon = (float)adam.Epsilon,
            _size = size,
            _root = root,
            _kept = kept;

        public Vector<float> Move(int i, Vector<float> weights, Vector<float> gradient)
        {
            Vector<float> mean = (new Vector<float>(_first[i..]) * _keep1) + (gradient * _take1);
            Vector<float> square = (new Vector<float>(_second[i..]) * _keep2) + (gradient * gradient * _take2);
            mean.CopyTo(_first[i..]);
            square.CopyTo(_second[i..]);
            Vector<float> scale = (Vector.SquareRoot(square) / new Vector<float>(_root)) + new Vector<float>(_epsilon);
            return (weights * _kept) - (mean / scale * _size);
        }

        public float Move(int i, float weight, float gradient)
        {
            _first[i] = (_first[i] * _keep1) + (gradient * _take1);
            _second[i] = (_second[i] * _keep2) + (gradient * gradient * _take2);
            return (weight * _kept) - (_first[i] / ((MathF.Sqrt(_second[i]) / _root) + _epsilon) * _size);
        }
    }
}
