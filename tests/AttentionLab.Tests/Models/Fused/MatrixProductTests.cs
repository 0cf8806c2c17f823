using AttentionLab.Core;
using AttentionLab.Models;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models.Fused;

[Trait("Kind", "Numeric")]
public unsafe class MatrixProductTests
{
    // 2×3 times 3×16: columns j = 0 to 15 of [1 0 j], [0 1 0], [1 1 1].
    [Fact]
    public void A_product_by_hand()
    {
        float[] left = [1, 2, 3, 4, 5, 6],
            right = [.. Row(j => j == 0 ? 1 : 0), .. Row(j => j == 1 ? 1 : 0), .. Row(j => j)],
            product = new float[32];
        fixed (
            float* a = left,
                b = right,
                c = product
        )
        {
            MatrixProduct.Compute(new(a, row: 3, step: 1), new(b, step: 16, block: 48), c, 2, 16, 3, adds: false);
        }

        Assert.Equal(
            [
                .. Row(j =>
                    (
                        j == 0 ? 1
                        : j == 1 ? 2
                        : 0
                    ) + (3 * j)
                ),
            ],
            product[..16]
        );
        Assert.Equal(
            [
                .. Row(j =>
                    (
                        j == 0 ? 4
                        : j == 1 ? 5
                        : 0
                    ) + (6 * j)
                ),
            ],
            product[16..]
        );

        static IEnumerable<float> Row(Func<int, float> value) => Enumerable.Range(0, 16).Select(value);
    }

    // Whole numbers up to 4 and fewer than 2¹⁸ steps: no sum is rounded.
    [Fact]
    public void Of_every_size_and_layout_it_is_torchs_and_writes_nothing_beside_it() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 4], Gen.Int[1, 40], Gen.Bool, Gen.Bool, Gen.Bool, Gen.Int[0, 1 << 20])
            .Sample(
                (rows, blocks, steps, isTurned, isPacked, adds, seed) =>
                {
                    using DisposeScope scope = NewDisposeScope();
                    random.manual_seed(seed);
                    int columns = 16 * blocks;
                    Tensor left = Whole(rows, steps),
                        right = Whole(steps, columns),
                        before = Whole(rows + 2, columns),
                        expected = before.clone();
                    expected[1..^1] = left.mm(right) + (adds ? before[1..^1] : zeros(rows, columns));
                    Tensor leftMemory = (isTurned ? left.t() : left).contiguous(),
                        rightMemory = isPacked ? right.reshape(steps, blocks, 16).transpose(0, 1).contiguous() : right;

                    MatrixProduct.Compute(
                        new(leftMemory.Floats(), row: isTurned ? 1 : steps, step: isTurned ? rows : 1),
                        new(rightMemory.Floats(), step: isPacked ? 16 : columns, block: isPacked ? 16 * steps : 16),
                        before.Floats() + columns,
                        rows,
                        columns,
                        steps,
                        adds
                    );

                    Assert.True(before.equal(expected).all().item<bool>());
                },
                iter: 200,
                threads: 1
            );

    private static Tensor Whole(long rows, long columns) => randint(-4, 5, [rows, columns]).to(ScalarType.Float32);
}
