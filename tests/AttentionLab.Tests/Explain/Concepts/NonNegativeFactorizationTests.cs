using AttentionLab.Core;
using AttentionLab.Explain;
using CsCheck;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Explain.Concepts;

/// <summary>Beside plain loops over arrays, whose singular values come from Math.NET, and by what the theorem says.</summary>
[Trait("Kind", "Numeric")]
public sealed class NonNegativeFactorizationTests
{
    private static readonly Gen<double[,]> Matrices = Gen.Double[0, 4].Array2D[5, 4];

    [Fact]
    public void Of_rank_one_the_factors_are_exact()
    {
        using DisposeScope scope = NewDisposeScope();
        double[,] a = Table(3, 2, (i, j) => new double[] { 1, 0, 3 }[i] * new double[] { 2, 1 }[j]);
        (Tensor h, Tensor w) = NonNegativeFactorization.Of(tensor(a), 1, 1);

        // H is a multiple of 1, 0, 3 after an update, for a·wᵀ/(w·wᵀ) is the solution; some ten roundings of numbers up to 6.
        Assert.Equal(a.Cast<double>(), h.mm(w).ToDoubles(), (x, y) => Math.Abs(x - y) <= 6 * Tolerance.RoundingInDouble(16));
    }

    [Theory]
    [InlineData(5, 7)]
    [InlineData(7, 5)]
    public void Plain_loops_give_the_same(int rows, int columns)
    {
        using DisposeScope scope = NewDisposeScope();
        double[,] a = Table(rows, columns, (i, j) => Math.Abs(Math.Sin((i * 1.7) + (j * j * 0.9))) * (1 + i));
        (double[,] h, double[,] w) = ByLoops(a, 3, 20);
        (Tensor torchH, Tensor torchW) = NonNegativeFactorization.Of(tensor(a), 3, 20);

        // Singular vectors from eigenvectors of AᵀA lose σ₁²/σ₃² of the digits; the updates, contractions of the error, lose
        // none.
        const double tolerance = 1e-10;
        Assert.Equal(h.Cast<double>(), torchH.ToDoubles(), (x, y) => Math.Abs(x - y) <= tolerance * 10);
        Assert.Equal(w.Cast<double>(), torchW.ToDoubles(), (x, y) => Math.Abs(x - y) <= tolerance * 10);
    }

    [Fact]
    public void Factors_have_no_negative_value_and_more_updates_never_fit_worse() =>
        Matrices.Sample(
            a =>
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor matrix = tensor(a);
                double before = double.PositiveInfinity;
                foreach (int updates in new[] { 0, 1, 2, 5, 20 })
                {
                    (Tensor h, Tensor w) = NonNegativeFactorization.Of(matrix, 2, updates);
                    Assert.True(h.amin([0, 1]).item<double>() >= 0 && w.amin([0, 1]).item<double>() >= 0);
                    double now = (matrix - h.mm(w)).norm().item<double>();
                    Assert.True(now <= before + (Tolerance.RoundingInDouble(64) * matrix.norm().item<double>()));
                    before = now;
                }
            },
            iter: 50
        );

    private static (double[,] H, double[,] W) ByLoops(double[,] a, int rank, int updates)
    {
        (int m, int n) = (a.GetLength(0), a.GetLength(1));
        Svd<double> svd = Matrix<double>.Build.DenseOfArray(a).Svd();
        double[,] h = new double[m, rank],
            w = new double[rank, n];
        for (int k = 0; k < rank; k++)
        {
            double[] u = [.. svd.U.Column(k)],
                v = [.. svd.VT.Row(k)];
            int sign =
                k == 0 ? Math.Sign(u.Sum())
                : Size(u, 1) * Size(v, 1) >= Size(u, -1) * Size(v, -1) ? 1
                : -1;
            double product = Size(u, sign) * Size(v, sign),
                scale = Math.Sqrt(svd.S[k] * product);
            for (int i = 0; i < m; i++)
            {
                h[i, k] = scale * Math.Max(0, sign * u[i]) / Size(u, sign);
            }

            for (int j = 0; j < n; j++)
            {
                w[k, j] = scale * Math.Max(0, sign * v[j]) / Size(v, sign);
            }
        }

        double mean = a.Cast<double>().Average();
        FillZeros(h, mean);
        FillZeros(w, mean);
        for (int update = 0; update < updates; update++)
        {
            double[,] hw = Product(h, w);
            double[,] newH = Table(m, rank, (i, k) => h[i, k] * Sum(n, j => a[i, j] * w[k, j]) / Sum(n, j => hw[i, j] * w[k, j]));
            double[,] newHw = Product(newH, w);
            w = Table(rank, n, (k, j) => w[k, j] * Sum(m, i => newH[i, k] * a[i, j]) / Sum(m, i => newH[i, k] * newHw[i, j]));
            h = newH;
        }

        return (h, w);
    }

    private static double Size(double[] vector, int sign) =>
        Math.Sqrt(vector.Sum(value => Math.Pow(Math.Max(0, sign * value), 2)));

    private static void FillZeros(double[,] factor, double mean)
    {
        for (int i = 0; i < factor.GetLength(0); i++)
        {
            for (int j = 0; j < factor.GetLength(1); j++)
            {
                factor[i, j] = factor[i, j] < 1e-9 ? mean : factor[i, j];
            }
        }
    }

    private static double[,] Product(double[,] a, double[,] b) =>
        Table(a.GetLength(0), b.GetLength(1), (i, j) => Sum(a.GetLength(1), k => a[i, k] * b[k, j]));

    private static double Sum(int n, Func<int, double> term) => Enumerable.Range(0, n).Sum(term);

    private static double[,] Table(int rows, int columns, Func<int, int, double> value)
    {
        var table = new double[rows, columns];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                table[i, j] = value(i, j);
            }
        }

        return table;
    }
}
