namespace AttentionLab.Explain;

/// <summary>Where a model looked in a batch of N pictures, by one method at one layer: plain numbers.</summary>
public sealed record Explanation
{
    /// <summary>The method's name, in kebab case: <c>grad-cam</c>.</summary>
    public required string Method { get; init; }

    /// <summary>The layer's path: <c>conv3</c>; <see cref="ActivationExtractor.Input"/> for methods that explain pixels.</summary>
    public required string Layer { get; init; }

    /// <summary>What is explained, in words: "predicted class".</summary>
    public required string Target { get; init; }

    /// <summary>The class explained of each picture; −1 where it is not a single class.</summary>
    public required int[] Classes { get; init; }

    /// <summary>The class predicted for each picture.</summary>
    public required int[] Predictions { get; init; }

    /// <summary>What the model put out, N×K.</summary>
    public required float[,] Logits { get; init; }

    /// <summary>The maps, N×h×w at the layer's size: unscaled, in the method's own units, signed unless the method's definition cuts at zero.</summary>
    public required float[,,] Maps { get; init; }

    /// <summary>Pictures whose map is zero everywhere: nothing at this layer speaks for what is explained.</summary>
    public IReadOnlyList<int> Blank => [.. Enumerable.Range(0, Maps.GetLength(0)).Where(picture => MapOf(picture).Cast<float>().All(value => value == 0))];

    /// <summary>One picture's map, h×w.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture.</exception>
    public float[,] MapOf(int picture)
    {
        if (picture < 0 || picture >= Maps.GetLength(0))
        {
            throw new ArgumentOutOfRangeException(nameof(picture), picture, $"There are maps of pictures 0 to {Maps.GetLength(0) - 1}.");
        }

        var map = new float[Maps.GetLength(1), Maps.GetLength(2)];
        Buffer.BlockCopy(Maps, picture * map.Length * sizeof(float), map, 0, map.Length * sizeof(float));
        return map;
    }

    /// <summary>One picture's map to lay over it: scaled to [0, 1] by <see cref="MapScaling.MinMax"/>, then enlarged by <see cref="CubicZoom"/>.</summary>
    /// <param name="picture">Which of the N pictures.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture, or a side is not positive.</exception>
    public float[,] ToHeatMap(int picture, int height = 32, int width = 32) => CubicZoom.Resize(MapScaling.MinMax(MapOf(picture)), height, width);
}
