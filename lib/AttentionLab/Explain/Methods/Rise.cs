using AttentionLab.Core;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace AttentionLab.Explain;

/// <summary>
/// RISE: each pixel has the mean score of the picture under random soft masks, weighted by how much each mask shows of the pixel.
/// In the score's units. A forward pass for each mask.
/// </summary>
/// <remarks>
/// <para>$L = ∑ᵢ y(x ⊙ Mᵢ)·Mᵢ / (n·p)$ over n masks M, each a grid whose cells are 1 with probability p, enlarged bilinearly and
/// shifted by a random part of a cell.</para>
/// <para><see href="https://arxiv.org/abs/1806.07421">Petsiuk, Das, Saenko, "RISE: Randomized input sampling for explanation of
/// black-box models", BMVC 2018</see>, equation 6. The paper asks for probabilities and takes 4,000 to 8,000 masks; a score that
/// is a logit adds a constant to the whole map.</para>
/// </remarks>
public sealed class Rise : PixelMethod
{
    /// <summary>The map has one number for each pixel already.</summary>
    public Rise() => Pooling = ColourPooling.Sum;

    /// <inheritdoc/>
    public override string Name => "rise";

    /// <summary>How many masks, n.</summary>
    public int Masks { get; init; } = 500;

    /// <summary>The grid's cells along each side; fewer where the picture has fewer pixels.</summary>
    public int Cells { get; init; } = 7;

    /// <summary>The probability that a cell shows the picture, p: more than 0, at most 1.</summary>
    public double Shown { get; init; } = 0.5;

    /// <summary>Decides the masks, which are the same for every picture.</summary>
    public long Seed { get; init; }

    /// <inheritdoc/>
    protected override Tensor AttributionsOf(ExplanationPass pass)
    {
        if (Masks < 1 || Cells < 1 || Shown is not (> 0 and <= 1))
        {
            throw new InvalidOperationException(
                FormattableString.Invariant(
                    $"RISE takes one or more masks of one or more cells that show with a probability in (0, 1]; these are {Masks}, {Cells} and {Shown}."
                )
            );
        }

        (int height, int width) = ((int)pass.Input.shape[2], (int)pass.Input.shape[3]);
        return cat([.. Enumerable.Range(0, pass.Pictures).Select(MapOf)]).to(pass.Input.device);

        Tensor MapOf(int picture)
        {
            double[] scores = pass.ScoresOf(
                picture,
                Masks,
                (start, end) => pass.Input[picture] * MasksOf(start, end, height, width).to(pass.Input.dtype, pass.Input.device)
            );
            Tensor map = zeros(1, 1, height, width, ScalarType.Float64);
            foreach (int[] some in Enumerable.Range(0, Masks).Chunk(64))
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor weights = tensor([.. some.Select(i => scores[i])]).reshape(-1, 1, 1, 1);
                map.add_((weights * MasksOf(some[0], some[^1] + 1, height, width)).sum(0, keepdim: true));
            }

            return map / (Masks * Shown);
        }
    }

    /// <summary>Some of the masks, M×1×H×W from 0 to 1, in double precision.</summary>
    internal Tensor MasksOf(int start, int end, int height, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        (int rows, int columns) = (Math.Min(Cells, height), Math.Min(Cells, width));
        (int tall, int wide) = ((height + rows - 1) / rows, (width + columns - 1) / columns); // of a cell, in pixels
        return stack([
                .. Enumerable
                    .Range(start, end - start)
                    .Select(mask =>
                    {
                        var random = new RandomStream(Seed, mask);
                        var grid = new double[rows * columns];
                        for (int cell = 0; cell < grid.Length; cell++)
                        {
                            grid[cell] = random.Chance(Shown) ? 1 : 0;
                        }

                        (int top, int left) = (random.Next(tall), random.Next(wide));
                        return interpolate(
                            tensor(grid, [1, 1, rows, columns]),
                            [(rows + 1) * tall, (columns + 1) * wide],
                            mode: InterpolationMode.Bilinear,
                            align_corners: false
                        )[0, .., top..(top + height), left..(left + width)];
                    }),
            ])
            .MoveToOuterDisposeScope();
    }
}
