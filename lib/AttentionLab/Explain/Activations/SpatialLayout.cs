using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Where a layer's output has height and width. It is found from the output's shape and the picture's ratio, and
/// <see cref="Explanation.Layout"/> says which it is; or state it in <see cref="ExplanationOptions.Layout"/>.
/// </summary>
/// <remarks>
/// Four dimensions are channels first unless the two before the last have the picture's ratio clearly better than the last two.
/// Three dimensions are tokens when, without 0, 1, 2, 4 or 5 leading ones, they form a grid of the picture's ratio whose sides
/// divide the picture's.
/// </remarks>
/// <param name="Order">The order of the dimensions.</param>
/// <param name="LeadingTokens">Tokens before the places' own: 1 for ViT's class token, 2 for DeiT's.</param>
/// <param name="Height">Rows of the tokens' grid; 0 for other orders, whose shape tells.</param>
/// <param name="Width">Columns of the tokens' grid; 0 for other orders.</param>
public sealed record SpatialLayout(SpatialOrder Order, int LeadingTokens = 0, int Height = 0, int Width = 0)
{
    private static readonly int[] PossibleLeadingTokens = [0, 1, 2, 4, 5];

    /// <summary>N×C×h×w.</summary>
    public static SpatialLayout ChannelsFirst { get; } = new(SpatialOrder.ChannelsFirst);

    /// <summary>N×h×w×C.</summary>
    public static SpatialLayout ChannelsLast { get; } = new(SpatialOrder.ChannelsLast);

    /// <summary>N×(k + h·w)×C: k leading tokens and a grid.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number of leading tokens is negative, or a side not
    /// positive.</exception>
    public static SpatialLayout Tokens(int leading, int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(leading);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        return new SpatialLayout(SpatialOrder.Tokens, leading, height, width);
    }

    /// <summary>"channels first", "channels last", "4×4 tokens after 1 leading token".</summary>
    public override string ToString() =>
        Order switch
        {
            SpatialOrder.ChannelsFirst => "channels first",
            SpatialOrder.ChannelsLast => "channels last",
            _ => FormattableString.Invariant(
                $"{Height}×{Width} tokens after {LeadingTokens} leading token{(LeadingTokens == 1 ? "" : "s")}"
            ),
        };

    /// <summary>The layout of an output's shape for pictures of a size; null where it has no height and width.</summary>
    internal static SpatialLayout? Of(IReadOnlyList<long> shape, long height, long width)
    {
        return shape switch
        {
            [_, var a, var b, var c] => Misfit(a, b) <= 1 && Misfit(a, b) < Misfit(b, c) - 0.5 ? ChannelsLast : ChannelsFirst,
            [_, var tokens, _] => OfTokens(tokens, height, width),
            _ => null,
        };

        double Misfit(long rows, long columns) => Math.Abs(((double)rows * width / height) - columns);
    }

    /// <summary>The layout of a layer's output: stated, or else found; null where it has no height and width.</summary>
    /// <param name="layer">The layer's path, for messages. Of the input itself nothing is stated.</param>
    /// <param name="output">What it outputs.</param>
    /// <param name="pictures">The shape of the pictures, N×C×H×W.</param>
    /// <param name="stated">The layout that the caller states; null to find it.</param>
    /// <exception cref="ArgumentException">The layout stated is not that of the output.</exception>
    internal static SpatialLayout? Of(string layer, Tensor output, long[] pictures, SpatialLayout? stated) =>
        stated is null || layer == ActivationExtractor.Input ? Of(output.shape, pictures[2], pictures[3])
        : stated.Fits(output.shape) ? stated
        : throw new ArgumentException(
            $"Layer '{layer}' outputs {string.Join('×', output.shape)}, which is not {stated}: state another "
                + $"{nameof(SpatialLayout)}, or none.",
            nameof(layer)
        );

    /// <summary>Whether an output of a shape can be read so.</summary>
    internal bool Fits(IReadOnlyList<long> shape) =>
        Order == SpatialOrder.Tokens ? shape.Count == 3 && shape[1] == LeadingTokens + ((long)Height * Width) : shape.Count == 4;

    /// <summary>An output as N×C×h×w, a view.</summary>
    internal Tensor ToChannelsFirst(Tensor output) =>
        Order switch
        {
            SpatialOrder.ChannelsFirst => output,
            SpatialOrder.ChannelsLast => output.permute(0, 3, 1, 2),
            _ => output[.., LeadingTokens.., ..].transpose(1, 2).reshape(output.shape[0], output.shape[2], Height, Width),
        };

    /// <summary>Factors of channels, M×C, in the shape that multiplies an output.</summary>
    internal Tensor ForChannels(Tensor factors) =>
        Order switch
        {
            SpatialOrder.ChannelsFirst => factors.unsqueeze(-1).unsqueeze(-1),
            SpatialOrder.ChannelsLast => factors.unsqueeze(1).unsqueeze(1),
            _ => factors.unsqueeze(1),
        };

    private static SpatialLayout? OfTokens(long tokens, long height, long width)
    {
        foreach (int leading in PossibleLeadingTokens.Where(leading => leading < tokens))
        {
            double patch = Math.Sqrt((double)height * width / (tokens - leading));
            (int rows, int columns) = ((int)Math.Round(height / patch), (int)Math.Round(width / patch));
            if (rows > 0 && columns > 0 && (long)rows * columns == tokens - leading && height % rows == 0 && width % columns == 0)
            {
                return Tokens(leading, rows, columns);
            }
        }

        return null;
    }
}
