using AttentionLab.Figures;
using AttentionLab.Imaging;

namespace AttentionLab.Cookbook.Data;

internal sealed class ReadAPhotograph : Recipe
{
    public override string Name => "Read a photograph";

    public override string Sentence =>
        "Reads a file of any size and brings it to the network's: cut to the middle, with bars, or squashed.";

    protected override void Execute()
    {
        Image Read(ImageFit fit) => ImageFile.Load(photo, new ImageOptions { Side = 64, Fit = fit });
        ImageFit[] fits = [ImageFit.Crop, ImageFit.Letterbox, ImageFit.Squash];

        display(
            new ImageGrid([ImageFile.Load(photo), .. fits.Select(Read)], ["the file", .. fits.Select(fit => $"{fit}")])
            {
                TileSize = 128,
            }
        );
    }
}
