using AttentionLab.Imaging;

namespace AttentionLab.Data;

/// <summary>What one step of an augmentation did, for a lesson's figure.</summary>
/// <param name="Description">The step and the parameters it drew, such as "rotate -11.0°".</param>
/// <param name="Picture">The picture after it.</param>
public sealed record AugmentationStep(string Description, Image Picture);
