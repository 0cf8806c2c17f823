using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>A ≈ H·W of matrices without negative values: deterministic, in double precision.</summary>
/// <remarks>
/// Minimises ‖A − HW‖² (Frobenius) by the multiplicative updates of Lee, Seung, "Algorithms for non-negative matrix
/// factorization", NIPS 2000, theorem 1, under which it never grows. They start from NNDSVD (Boutsidis, Gallopoulos, "SVD based
/// initialization: a head start for nonnegative matrix factorization", Pattern Recognition 41, 2008) with its zeros replaced by
/// A's mean (their NNDSVDa), since an update keeps a zero.
/// </remarks>
internal static class NonNegativeFactorization
{
    /// <summary>Below this share of a factor's largest value a start value counts as zero.</summary>
    private const double Zero = 1e-6;

    /// <summary>Keeps 0/0 out of the updates; far below any product of values that are not zero.</summary>
    private const double SmallestDenominator = 1e-150;

    /// <summary>Factorises.</summary>
    /// <param name="a">m×n, float64, not negative, not all zero.</param>
    /// <param name="rank">K, from 1 to the smaller of m and n.</param>
    /// <param name="iterations">Updates of both factors.</param>
    /// <returns>H, m×K, and W, K×n, in the current dispose scope.</returns>
    public static (Tensor H, Tensor W) Of(Tensor a, int rank, int iterations)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor h, Tensor w) = Start(a, rank);
        for (int i = 0; i < iterations; i++)
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor wt = w.t();
            h = (h * a.mm(wt) / h.mm(w.mm(wt)).clamp_min(SmallestDenominator)).MoveToOuterDisposeScope();
            Tensor ht = h.t();
            w = (w * ht.mm(a) / ht.mm(h).mm(w).clamp_min(SmallestDenominator)).MoveToOuterDisposeScope();
        }

        return (h.MoveToOuterDisposeScope(), w.MoveToOuterDisposeScope());
    }

    private static (Tensor H, Tensor W) Start(Tensor a, int rank)
    {
        (Tensor left, Tensor values, Tensor right) = Singular(a, rank);
        var columns = new List<Tensor>();
        var rows = new List<Tensor>();
        for (int k = 0; k < rank; k++)
        {
            (Tensor u, Tensor v) = k == 0 ? (left[.., 0].abs(), right[.., 0].abs()) : LargerPart(left[.., k], right[.., k]);
            double size = (u.norm() * v.norm()).item<double>(),
                scale = size > 0 ? Math.Sqrt(values[k].item<double>() * size) : 0;
            columns.Add(u * (scale / Math.Max(u.norm().item<double>(), SmallestDenominator)));
            rows.Add(v * (scale / Math.Max(v.norm().item<double>(), SmallestDenominator)));
        }

        Tensor mean = a.mean();
        return (Filled(stack(columns, 1), mean), Filled(stack(rows, 0), mean));
    }

    /// <summary>Of a pair of singular vectors the positive or the negative parts, whichever have the larger product of
    /// lengths.</summary>
    private static (Tensor U, Tensor V) LargerPart(Tensor u, Tensor v)
    {
        (Tensor U, Tensor V) positive = (u.relu(), v.relu()),
            negative = ((-u).relu(), (-v).relu());
        return Size(positive) >= Size(negative) ? positive : negative;

        static double Size((Tensor U, Tensor V) pair) => (pair.U.norm() * pair.V.norm()).item<double>();
    }

    private static Tensor Filled(Tensor factor, Tensor mean) => where(factor <= Zero * factor.max(), mean, factor);

    /// <summary>The first singular vectors and values: u, m×K; σ, K; v, n×K. From the smaller of AᵀA and AAᵀ.</summary>
    private static (Tensor U, Tensor S, Tensor V) Singular(Tensor a, int rank)
    {
        bool isTall = a.shape[0] >= a.shape[1];
        Tensor tall = isTall ? a : a.t();
        (Tensor eigenvalues, Tensor eigenvectors) = linalg.eigh(tall.t().mm(tall));
        Tensor values = eigenvalues.flip(0)[..rank].clamp_min(0).sqrt(),
            near = eigenvectors.flip(1)[.., ..rank],
            far = tall.mm(near) / values.clamp_min(SmallestDenominator);
        far = where(values > Zero * Zero * values[0], far, zeros_like(far)); // a direction that rounding alone made
        return isTall ? (far, values, near) : (near, values, far);
    }
}
