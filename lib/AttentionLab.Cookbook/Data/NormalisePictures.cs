using AttentionLab.Imaging;
using static TorchSharp.torch;

namespace AttentionLab.Cookbook.Data;

internal sealed class NormalisePictures : Recipe
{
    public override string Name => "Normalise pictures";

    public override string Sentence =>
        "Turns pixels into the numbers that a network takes, (value / 255 − mean) / standard deviation, and back.";

    protected override void Execute()
    {
        Tensor numbers = data.Normalization.ToTensor(data.Test, [0, 1]);
        Image back = data.Normalization.ToPicture(numbers[0]);

        display($"{string.Join("×", numbers.shape)} numbers of {numbers.dtype}");
        display($"red minus {data.Normalization.Mean[0]}, divided by {data.Normalization.StandardDeviation[0]}");
        display($"the same picture again: {back.Rgb.SequenceEqual(data.Test.PictureOf(0).Rgb)}");
    }
}
