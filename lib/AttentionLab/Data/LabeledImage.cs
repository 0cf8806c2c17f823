using AttentionLab.Imaging;

namespace AttentionLab.Data;

/// <summary>A picture and what it shows.</summary>
/// <param name="Picture">H×W pixels.</param>
/// <param name="Label">The class's index.</param>
/// <param name="ClassName">The class's name.</param>
public sealed record LabeledImage(Image Picture, int Label, string ClassName)
{
    /// <summary>For <c>foreach (var (picture, label) in images)</c>.</summary>
    public void Deconstruct(out Image picture, out int label) => (picture, label) = (Picture, Label);
}
