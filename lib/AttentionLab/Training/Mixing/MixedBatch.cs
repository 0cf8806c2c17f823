using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>Pictures that may show two classes at once.</summary>
/// <param name="Images">N×C×H×W.</param>
/// <param name="Labels">The class of each picture's first part, N.</param>
/// <param name="OtherLabels">The class of its second part, N; null where the pictures are not mixed.</param>
/// <param name="Share">How much of each picture is the first part, in [0, 1].</param>
internal readonly record struct MixedBatch(Tensor Images, Tensor Labels, Tensor? OtherLabels = null, double Share = 1);
