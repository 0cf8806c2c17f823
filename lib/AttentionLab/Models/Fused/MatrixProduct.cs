using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttentionLab.Models;

/// <summary>
/// Products of matrices of float32 that are read where they lie. For matrices as small as those of a
/// <see cref="WinogradConvolution"/> they take less time than torch's, which copies them first.
/// </summary>
/// <remarks>
/// A block of 6×16 of the product stays in registers (with AVX2 in twelve of sixteen) while it sums over all steps: the inner loop
/// of Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 34 (3), 2008.
/// </remarks>
internal static unsafe class MatrixProduct
{
    /// <summary>Columns of a block: the product has a multiple of them.</summary>
    public const int BlockColumns = 16;

    private const int BlockRows = 6;

    /// <summary>A product's left factor: rows × steps.</summary>
    /// <param name="values">The first.</param>
    /// <param name="row">From a row to the next.</param>
    /// <param name="step">From a step to the next.</param>
    public readonly struct Left(float* values, long row, long step)
    {
        public readonly float* Values = values;
        public readonly long Row = row,
            Step = step;
    }

    /// <summary>A product's right factor: steps × columns, in blocks of 16 columns that lie side by side.</summary>
    /// <param name="values">The first.</param>
    /// <param name="step">From a step to the next.</param>
    /// <param name="block">From a block to the next.</param>
    public readonly struct Right(float* values, long step, long block)
    {
        public readonly float* Values = values;
        public readonly long Step = step,
            Block = block;
    }

    /// <summary>Computes a product.</summary>
    /// <param name="left">Rows × steps.</param>
    /// <param name="right">Steps × columns.</param>
    /// <param name="product">Rows × columns, one row behind the other.</param>
    /// <param name="rows">How many.</param>
    /// <param name="columns">A multiple of 16.</param>
    /// <param name="steps">How many.</param>
    /// <param name="adds">To what <paramref name="product"/> holds.</param>
    public static void Compute(Left left, Right right, float* product, long rows, long columns, long steps, bool adds)
    {
        for (long column = 0; column < columns; column += BlockColumns)
        {
            for (long row = 0; row < rows; row += BlockRows)
            {
                ComputeBlock(
                    left.Values + (row * left.Row),
                    left.Row,
                    left.Step,
                    right.Values + (column / BlockColumns * right.Block),
                    right.Step,
                    product + (row * columns) + column,
                    columns,
                    Math.Min(rows - row, BlockRows),
                    steps,
                    adds
                );
            }
        }
    }

    // Where fewer than six rows are left, the last is computed several times and stored once. Compiled in full at once, as all loops
    // of these convolutions: a photograph's passes are over before the runtime would have found out that it pays.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ComputeBlock(
        float* left,
        long leftRow,
        long leftStep,
        float* right,
        long rightStep,
        float* product,
        long productRow,
        long rows,
        long steps,
        bool adds
    )
    {
        float* left1 = left + (Math.Min(1, rows - 1) * leftRow),
            left2 = left + (Math.Min(2, rows - 1) * leftRow),
            left3 = left + (Math.Min(3, rows - 1) * leftRow),
            left4 = left + (Math.Min(4, rows - 1) * leftRow),
            left5 = left + (Math.Min(5, rows - 1) * leftRow);
        Vector512<float> sum0 = default,
            sum1 = default,
            sum2 = default,
            sum3 = default,
            sum4 = default,
            sum5 = default;
        for (long i = 0, end = steps * leftStep; i < end; i += leftStep, right += rightStep)
        {
            Vector512<float> row = Vector512.Load(right);
            sum0 = Vector512.MultiplyAddEstimate(Vector512.Create(left[i]), row, sum0);
            sum1 = Vector512.MultiplyAddEstimate(Vector512.Create(left1[i]), row, sum1);
            sum2 = Vector512.MultiplyAddEstimate(Vector512.Create(left2[i]), row, sum2);
            sum3 = Vector512.MultiplyAddEstimate(Vector512.Create(left3[i]), row, sum3);
            sum4 = Vector512.MultiplyAddEstimate(Vector512.Create(left4[i]), row, sum4);
            sum5 = Vector512.MultiplyAddEstimate(Vector512.Create(left5[i]), row, sum5);
        }

        Store(sum0, product, adds);
        if (rows > 1)
        {
            Store(sum1, product + productRow, adds);
        }

        if (rows > 2)
        {
            Store(sum2, product + (2 * productRow), adds);
        }

        if (rows > 3)
        {
            Store(sum3, product + (3 * productRow), adds);
        }

        if (rows > 4)
        {
            Store(sum4, product + (4 * productRow), adds);
        }

        if (rows > 5)
        {
            Store(sum5, product + (5 * productRow), adds);
        }
    }

    private static void Store(Vector512<float> sums, float* product, bool adds) =>
        (adds ? Vector512.Load(product) + sums : sums).Store(product);
}
