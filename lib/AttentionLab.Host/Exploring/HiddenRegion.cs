using AttentionLab.Imaging;
using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Host.Exploring;

/// <summary>Hides what a reader brushed away, as occlusion does: under the network's mean colour.</summary>
internal static class HiddenRegion
{
    private const byte Grey = 128;

    /// <summary>The picture without a region.</summary>
    /// <param name="picture">Of any size.</param>
    /// <param name="mask">A byte for each pixel of the picture as it is shown, 0 where it stays.</param>
    /// <param name="height">Rows of the mask.</param>
    /// <param name="width">Columns of the mask.</param>
    /// <param name="network">Gives the colour.</param>
    /// <exception cref="ExploreException">The mask has another number of bytes.</exception>
    public static Image Of(Image picture, byte[] mask, int height, int width, TrainedNetwork network)
    {
        if (mask.Length != height * width)
        {
            throw new ExploreException(
                $"A region of {height}×{width} pixels takes {height * width} bytes; there are {mask.Length}."
            );
        }

        byte[] color = MeanColor(network),
            rgb = [.. picture.Rgb];
        for (int y = 0; y < picture.Height; y++)
        {
            int row = (int)((long)y * height / picture.Height);
            for (int x = 0; x < picture.Width; x++)
            {
                if (mask[(row * width) + (int)((long)x * width / picture.Width)] != 0)
                {
                    color.CopyTo(rgb, 3 * ((y * picture.Width) + x));
                }
            }
        }

        return new Image(picture.Height, picture.Width, rgb);
    }

    /// <summary>The colour that a network's input has as 0; grey for one with a mean picture.</summary>
    public static byte[] MeanColor(TrainedNetwork network)
    {
        if (network.Preprocessing.MeanImage is not null)
        {
            return [Grey, Grey, Grey];
        }

        using Tensor zero = zeros(network.Preprocessing.Channels, 1, 1);
        return network.Preprocessing.ToPicture(zero).Rgb;
    }
}
