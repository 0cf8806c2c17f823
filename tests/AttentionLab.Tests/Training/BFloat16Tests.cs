using AttentionLab.Training;
using CsCheck;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Training;

[Trait("Kind", "Numeric")]
public class BFloat16Tests
{
    /// <summary>1 + 1/256 lies half-way between 1 and 1 + 1/128: the even one is 1. 1 + 3/256 goes up to 1 + 2/128.</summary>
    [Theory]
    [InlineData(1f, 0x3F80)]
    [InlineData(1f + (1f / 256), 0x3F80)]
    [InlineData(1f + (3f / 256), 0x3F82)]
    [InlineData(-2f, 0xC000)]
    [InlineData(float.PositiveInfinity, 0x7F80)]
    [InlineData(float.MaxValue, 0x7F80)]
    public void Rounds_to_the_nearest(float value, int bits) => Assert.Equal(bits, ((BFloat16)value).Bits);

    [Fact]
    public void Rounds_as_torch_does_one_by_one_and_in_vectors() =>
        Gen
            .Int.Select(BitConverter.Int32BitsToSingle)
            .Array[32]
            .Sample(
                values =>
                {
                    using Tensor torchs = tensor(values).to(ScalarType.BFloat16).to(ScalarType.Float32);
                    float[] expected = torchs.data<float>().ToArray();
                    var vectors = new BFloat16[32];
                    int half = System.Numerics.Vector<float>.Count;
                    for (int i = 0; i < 32; i += 2 * half)
                    {
                        BFloat16.Narrow(new(values, i), new(values, i + half), vectors.AsSpan(i));
                    }

                    Assert.Equal(expected, values.Select(v => (float)(BFloat16)v));
                    Assert.Equal(expected, vectors.Select(v => (float)v));
                    (System.Numerics.Vector<float> low, _) = BFloat16.Widen(vectors);
                    Assert.Equal(expected[0], low[0]);
                },
                threads: 1
            );
}
