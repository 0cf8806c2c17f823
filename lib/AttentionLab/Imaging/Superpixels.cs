namespace AttentionLab.Imaging;

/// <summary>Cuts a picture into connected patches of similar colour.</summary>
/// <remarks>
/// SLIC: <see href="https://doi.org/10.1109/TPAMI.2012.120">Achanta et al., "SLIC superpixels compared to state-of-the-art
/// superpixel methods", TPAMI 2012</see>: k-means of colour and place, in which a centre takes only pixels nearby. Here it uses the
/// given planes in place of CIELAB, scaled by the picture's range.
/// </remarks>
public static class Superpixels
{
    private const int Rounds = 10;

    /// <summary>The patch that each pixel belongs to, H·W numbers from 0, in the order of their first pixels.</summary>
    /// <param name="planes">C·H·W values.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="patches">About how many patches; at most one for each pixel.</param>
    /// <param name="compactness">How much place counts against colour: of a distance of one patch's side, as a share of the
    /// picture's range.</param>
    /// <exception cref="ArgumentException">The planes are not of that size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size or the number of patches is not positive.</exception>
    public static int[] Slic(ReadOnlySpan<float> planes, int height, int width, int patches, double compactness = 0.1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(patches);
        int pixels = height * width,
            channels = planes.Length / pixels;
        if (channels < 1 || planes.Length != channels * pixels)
        {
            throw new ArgumentException(
                $"Planes of {height}×{width} pixels have a multiple of {pixels} values; these are {planes.Length}.",
                nameof(planes)
            );
        }

        float[] features = Features(planes, channels, height, width, patches, compactness, out double side);
        return Connected(Nearest(features, channels + 2, height, width, side, compactness), height, width, side * side / 4);
    }

    /// <summary>Of each pixel its colours, scaled to a range of 1, and its row and column in sides of a patch.</summary>
    private static float[] Features(
        ReadOnlySpan<float> planes,
        int channels,
        int height,
        int width,
        int patches,
        double compactness,
        out double side
    )
    {
        float low = float.PositiveInfinity,
            high = float.NegativeInfinity;
        foreach (float value in planes)
        {
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        int pixels = height * width,
            size = channels + 2;
        side = Math.Sqrt(pixels / (double)Math.Min(patches, pixels));
        double scale = high > low ? 1 / ((double)high - low) : 0;
        var features = new float[pixels * size];
        for (int pixel = 0; pixel < pixels; pixel++)
        {
            for (int c = 0; c < channels; c++)
            {
                features[(pixel * size) + c] = (float)((planes[(c * pixels) + pixel] - low) * scale);
            }

            features[(pixel * size) + channels] = (float)(compactness * (pixel / width) / side);
            features[(pixel * size) + channels + 1] = (float)(compactness * (pixel % width) / side);
        }

        return features;
    }

    private static int[] Nearest(float[] features, int size, int height, int width, double side, double compactness)
    {
        int rows = Math.Max(1, (int)Math.Round(height / side)),
            columns = Math.Clamp((int)Math.Round(height * width / (side * side * rows)), 1, width);
        var centres = new (double Row, double Column, double[] Features)[rows * columns];
        for (int i = 0; i < centres.Length; i++)
        {
            double row = (((i / columns) + 0.5) * height / rows) - 0.5,
                column = (((i % columns) + 0.5) * width / columns) - 0.5;
            int pixel = ((int)row * width) + (int)column;
            double[] colour = [.. features.AsSpan(pixel * size, size - 2).ToArray().Select(value => (double)value)];
            centres[i] = (row, column, [.. colour, compactness * row / side, compactness * column / side]);
        }

        var labels = new int[height * width];
        for (int round = 0; round < Rounds; round++)
        {
            Assign(features, size, height, width, 2 * Math.Max(height / (double)rows, width / (double)columns), centres, labels);
            Move(features, size, width, centres, labels);
        }

        return labels;
    }

    private static void Assign(
        float[] features,
        int size,
        int height,
        int width,
        double reach,
        (double Row, double Column, double[] Features)[] centres,
        int[] labels
    )
    {
        var nearest = new double[labels.Length];
        Array.Fill(nearest, double.PositiveInfinity);
        for (int i = 0; i < centres.Length; i++)
        {
            (double row, double column, double[] centre) = centres[i];
            for (int y = Math.Max(0, (int)(row - reach)); y <= Math.Min(height - 1, (int)(row + reach)); y++)
            {
                for (int x = Math.Max(0, (int)(column - reach)); x <= Math.Min(width - 1, (int)(column + reach)); x++)
                {
                    int pixel = (y * width) + x;
                    double distance = 0;
                    for (int f = 0; f < size; f++)
                    {
                        double difference = features[(pixel * size) + f] - centre[f];
                        distance += difference * difference;
                    }

                    if (distance < nearest[pixel])
                    {
                        (nearest[pixel], labels[pixel]) = (distance, i);
                    }
                }
            }
        }
    }

    private static void Move(
        float[] features,
        int size,
        int width,
        (double Row, double Column, double[] Features)[] centres,
        int[] labels
    )
    {
        var sums = new (double Row, double Column, int Count)[centres.Length];
        double[][] means = [.. centres.Select(_ => new double[size])];
        for (int pixel = 0; pixel < labels.Length; pixel++)
        {
            int label = labels[pixel];
            (double row, double column, int count) = sums[label];
            sums[label] = (row + (pixel / width), column + (pixel % width), count + 1);
            for (int f = 0; f < size; f++)
            {
                means[label][f] += features[(pixel * size) + f];
            }
        }

        for (int i = 0; i < centres.Length; i++)
        {
            if (sums[i] is (var row, var column, var count and > 0))
            {
                centres[i] = (row / count, column / count, [.. means[i].Select(sum => sum / count)]);
            }
        }
    }

    /// <summary>Makes each connected part a patch; parts below a size are merged with a neighbouring patch.</summary>
    private static int[] Connected(int[] labels, int height, int width, double least)
    {
        var patches = new int[labels.Length];
        Array.Fill(patches, -1);
        int next = 0;
        var part = new List<int>();
        for (int first = 0; first < labels.Length; first++)
        {
            if (patches[first] >= 0)
            {
                continue;
            }

            int beside = -1;
            part.Clear();
            part.Add(first);
            patches[first] = next;
            for (int i = 0; i < part.Count; i++)
            {
                foreach (int neighbour in Neighbours(part[i], height, width))
                {
                    if (patches[neighbour] < 0 && labels[neighbour] == labels[first])
                    {
                        patches[neighbour] = next;
                        part.Add(neighbour);
                    }
                    else if (patches[neighbour] >= 0 && patches[neighbour] != next)
                    {
                        beside = patches[neighbour];
                    }
                }
            }

            if (beside >= 0 && part.Count < least)
            {
                part.ForEach(pixel => patches[pixel] = beside);
            }
            else
            {
                next++;
            }
        }

        return patches;
    }

    private static IEnumerable<int> Neighbours(int pixel, int height, int width)
    {
        (int y, int x) = Math.DivRem(pixel, width);
        if (y > 0)
        {
            yield return pixel - width;
        }

        if (x > 0)
        {
            yield return pixel - 1;
        }

        if (x < width - 1)
        {
            yield return pixel + 1;
        }

        if (y < height - 1)
        {
            yield return pixel + width;
        }
    }
}
