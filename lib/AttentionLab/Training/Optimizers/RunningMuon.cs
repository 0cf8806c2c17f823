using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary><see cref="Muon"/> at work.</summary>
/// <param name="muon">Its numbers.</param>
/// <param name="weights">What it moves.</param>
/// <param name="learningRate">Of the first step, which the other rates are in proportion to.</param>
/// <param name="batchSize">Over how many pictures a gradient is the mean.</param>
internal sealed class RunningMuon(Muon muon, IReadOnlyList<Weight> weights, double learningRate, int batchSize)
    : RunningOptimizer(weights, learningRate)
{
    private const int ConvolutionDimensions = 4;

    private readonly Tensor[] _momentum = Zeros(weights);
    private readonly double _highestRate = learningRate;

    /// <summary>The momentum of each weight (<c>muon/momentum</c>).</summary>
    public override IReadOnlyDictionary<string, Tensor[]> State =>
        new Dictionary<string, Tensor[]> { ["muon/momentum"] = _momentum };

    protected override void MoveInMemory(int index, Tensor master, Parameter working, Tensor gradient)
    {
        MoveByTensors(index, master, gradient.to(ScalarType.Float32));
        if (!ReferenceEquals(master, working))
        {
            working.copy_(master);
        }
    }

    protected override void MoveByTensors(int index, Tensor weights, Tensor gradient)
    {
        if (weights.dim() == ConvolutionDimensions)
        {
            Tensor direction = Follow(_momentum[index], gradient, muon.Momentum);
            Tensor length = weights.norm().clamp_min(float.Epsilon);
            weights.mul_(Math.Sqrt(weights.shape[0]) / length);
            Tensor rows = direction.reshape(weights.shape[0], -1);
            weights.add_(Orthogonalize(rows, muon.Orthogonalization).reshape(weights.shape), -LearningRate);
        }
        else
        {
            double ofPicture = weights.dim() > 1 ? muon.LinearRate : muon.BiasRate;
            Tensor slope = gradient.add(weights, muon.Decay / ofPicture);
            double rate = ofPicture * batchSize * LearningRate / _highestRate;
            weights.add_(Follow(_momentum[index], slope, muon.OtherMomentum), -rate);
        }
    }

    /// <summary>A matrix with the same directions, all of a length near 1, by steps of Newton and Schulz.</summary>
    internal static Tensor Orthogonalize(Tensor matrix, int steps)
    {
        const double A = 3.4445,
            B = -4.7750,
            C = 2.0315,
            Smallest = 1e-7;

        // The products are of the shorter side.
        bool isTall = matrix.shape[0] > matrix.shape[1];
        Tensor x = matrix / (matrix.norm() + Smallest);
        x = isTall ? x.t() : x;
        for (int step = 0; step < steps; step++)
        {
            Tensor squared = x.mm(x.t());
            x = (A * x) + ((B * squared) + (C * squared.mm(squared))).mm(x);
        }

        return isTall ? x.t() : x;
    }

    /// <summary>Nesterov's momentum: v ← μ·v + g, and the direction g + μ·v.</summary>
    private static Tensor Follow(Tensor momentum, Tensor gradient, double share)
    {
        momentum.mul_(share).add_(gradient);
        return gradient.add(momentum, share);
    }
}
