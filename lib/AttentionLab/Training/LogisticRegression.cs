using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>
/// Multinomial logistic regression with an L2 penalty on standardised features, solved to convergence: deterministic, in double
/// precision.
/// </summary>
/// <remarks>
/// Minimises the mean cross-entropy plus λ/2·‖W‖², the biases unpenalised. A few hundred unknowns are solved for by Newton's
/// method with backtracking (<see href="https://web.stanford.edu/~boyd/cvxbook/">Boyd and Vandenberghe, "Convex Optimization",
/// 2004</see>, algorithm 9.5); more by Nesterov's method for strongly convex functions
/// (<see href="https://doi.org/10.1007/978-3-319-91578-4">Nesterov, "Lectures on Convex Optimization", 2018</see>, scheme
/// 2.2.22), whose step is 1/L: the cross-entropy's curvature is at most half the largest eigenvalue of the features' second
/// moments (Böhning, "Multinomial logistic regression algorithm", 1992).
/// </remarks>
internal static class LogisticRegression
{
    private const int MostSteps = 20_000,
        MostNewtonSteps = 200,
        FewUnknowns = 600; // whose second derivatives are solved in milliseconds

    // So many products a step take about as long on one thread as it takes to wake another; where other programs have the
    // processor's cores, that one comes late at every step, and a second's work took minutes.
    private const long FewProducts = 1 << 20;
    private const double SmallestGradient = 1e-7,
        SmallestStep = 1e-9,
        SufficientDecrease = 1e-4, // of what the slope predicts: Armijo's rule
        Flat = 1e-7;

    /// <summary>Solves for features n×d (float64) and labels n (int64).</summary>
    /// <param name="features">n×d.</param>
    /// <param name="labels">From 0.</param>
    /// <param name="classes">K.</param>
    /// <param name="regularization">λ·n, positive.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    /// <returns>Weight K×d and bias K for features as they are, float64, in the current dispose scope.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static (Tensor Weight, Tensor Bias) Fit(
        Tensor features,
        Tensor labels,
        int classes,
        double regularization,
        CancellationToken cancellationToken = default
    )
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        long count = features.shape[0];
        Tensor mean = features.mean([0], keepdim: true),
            deviation = (features - mean).square().mean([0], keepdim: true).sqrt();
        deviation = where(deviation > 0, deviation, ones_like(deviation));
        (Tensor points, Tensor? axes) = InFewDimensions((features - mean) / deviation);
        Tensor x = cat([points, ones(count, 1, ScalarType.Float64)], 1),
            y = nn.functional.one_hot(labels, classes).to(ScalarType.Float64),
            penalty = full([x.shape[1], 1], regularization / count, ScalarType.Float64);
        penalty[^1] = 0;
        Tensor solved = Solve(x, y, penalty, regularization / count, cancellationToken);
        Tensor weight = (axes is null ? solved[..^1] : axes.mm(solved[..^1])) / deviation.t(),
            bias = solved[^1] - mean.mm(weight).squeeze(0);
        return (weight.t().contiguous().MoveToOuterDisposeScope(), bias.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// Fewer points than dimensions, in coordinates of the subspace that they span: lengths and so the penalised solution, which
    /// lies in it, stay the same, and a step costs n² in place of n·d.
    /// </summary>
    private static (Tensor Points, Tensor? Axes) InFewDimensions(Tensor points)
    {
        if (points.shape[0] >= points.shape[1])
        {
            return (points, null);
        }

        (Tensor values, Tensor vectors) = linalg.eigh(points.mm(points.t()));
        Tensor lengths = values.clamp_min(0).sqrt();
        lengths = where(lengths > Flat * lengths[-1], lengths, zeros_like(lengths)); // a direction that rounding alone made
        return (vectors * lengths, points.t().mm(vectors / where(lengths > 0, lengths, ones_like(lengths))));
    }

    private static Tensor Solve(Tensor x, Tensor y, Tensor penalty, double convexity, CancellationToken cancellationToken)
    {
        int threads = get_num_threads();
        set_num_threads(x.numel() * y.shape[1] < FewProducts ? 1 : threads);
        try
        {
            return x.shape[1] * y.shape[1] <= FewUnknowns && x.numel() * y.shape[1] * y.shape[1] < FewProducts
                ? NewtonSteps(x, y, penalty, cancellationToken)
                : NesterovSteps(x, y, penalty, convexity, cancellationToken);
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    private static Tensor NewtonSteps(Tensor x, Tensor y, Tensor penalty, CancellationToken cancellationToken)
    {
        (long count, long dimensions, long classes) = (x.shape[0], x.shape[1], y.shape[1]);
        long unknowns = dimensions * classes;
        Tensor ridge = penalty.repeat_interleave(classes).diag();
        // A constant added to all biases changes no probability: without this the Hessian would be singular.
        ridge[^(int)classes.., ^(int)classes..] = ones(classes, classes, ScalarType.Float64);
        Tensor weights = zeros(dimensions, classes, ScalarType.Float64);
        for (int step = 0; step < MostNewtonSteps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            Tensor predicted = x.mm(weights).softmax(1),
                gradient = (x.t().mm(predicted - y) / count) + (penalty * weights);
            if (gradient.abs().max().item<double>() < SmallestGradient)
            {
                break;
            }

            Tensor curvature = predicted.diag_embed() - (predicted.unsqueeze(2) * predicted.unsqueeze(1)),
                hessian = einsum("ni,nab,nj->iajb", x, curvature, x).reshape(unknowns, unknowns) / count;
            Tensor move = linalg.solve(hessian + ridge, gradient.reshape(unknowns, 1)).reshape(dimensions, classes);
            double slope = (gradient * move).sum().item<double>(),
                loss = Loss(weights),
                length = 1;
            while (Loss(weights - (length * move)) > loss - (SufficientDecrease * length * slope) && length > SmallestStep)
            {
                length /= 2;
            }

            weights = (weights - (length * move)).MoveToOuterDisposeScope();
        }

        return weights;

        double Loss(Tensor asked) =>
            (-(y * x.mm(asked).log_softmax(1)).sum() / count).item<double>()
            + ((penalty * asked.square()).sum().item<double>() / 2);
    }

    private static Tensor NesterovSteps(Tensor x, Tensor y, Tensor penalty, double convexity, CancellationToken cancellationToken)
    {
        long count = x.shape[0];
        Tensor moments = count < x.shape[1] ? x.mm(x.t()) : x.t().mm(x);
        double steepest = (linalg.eigvalsh(moments).max().item<double>() / count / 2) + convexity,
            root = Math.Sqrt(convexity / steepest),
            momentum = (1 - root) / (1 + root);
        Tensor weights = zeros(x.shape[1], y.shape[1], ScalarType.Float64),
            ahead = weights;
        for (int step = 0; step < MostSteps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            Tensor gradient = (x.t().mm(x.mm(ahead).softmax(1) - y) / count) + (penalty * ahead);
            Tensor next = ahead - (gradient / steepest);
            ahead = (next + (momentum * (next - weights))).MoveToOuterDisposeScope();
            weights = next.MoveToOuterDisposeScope();
            if (gradient.abs().max().item<double>() < SmallestGradient)
            {
                break;
            }
        }

        return weights;
    }
}
