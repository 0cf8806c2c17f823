using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// KPCA-CAM: Eigen-CAM by kernel principal components, which follow curved patterns among a layer's places. Signed. One forward
/// pass, and the eigenvectors of a matrix of places × places; the target plays no part.
/// </summary>
/// <remarks>
/// <para>$L = √λ·v$, λ and v the first eigenvalue and eigenvector of the centred kernel matrix $Kᵢⱼ = \tanh(aᵢ·aⱼ / C + 1)$ of the
/// C channels a at places i and j.</para>
/// <para><see href="https://arxiv.org/abs/2410.00267">Karmani, Sivakaran, Prasad et al., "KPCA-CAM: Visual explainability of deep
/// computer vision models using kernel PCA", MMSP 2024</see>, with the sigmoid kernel. The sign, which the definition leaves open,
/// is the one that agrees with the sum of the channels. Layers of more than 2,500 places are refused.</para>
/// </remarks>
public sealed class KpcaCam : LayerMethod
{
    private const int MostPlaces = 2500;

    /// <inheritdoc/>
    public override string Name => "kpca-cam";

    /// <inheritdoc/>
    protected override bool NeedsGradients => false;

    /// <inheritdoc/>
    protected override Tensor MapOf(ExplanationPass pass, string layer)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor activation = pass.Activations[layer];
        long places = activation.shape[2] * activation.shape[3];
        if (places > MostPlaces)
        {
            throw new InvalidOperationException(
                $"{Name}: layer '{layer}' has {places} places, and a matrix of places × places would be too large; take a layer of at "
                    + $"most {MostPlaces}."
            );
        }

        Tensor channels = activation.InDouble().flatten(2); // N×C×hw
        Tensor centred = channels - channels.mean([2], keepdim: true);
        Tensor kernel = ((centred.transpose(1, 2).bmm(centred) / activation.shape[1]) + 1).tanh();
        Tensor rows = kernel.mean([2], keepdim: true);
        kernel = kernel - rows - rows.transpose(1, 2) + kernel.mean([1, 2], keepdim: true);
        (Tensor values, Tensor vectors) = linalg.eigh(kernel);
        Tensor map = values[.., -1].relu().sqrt().unsqueeze(1) * vectors[.., .., -1];
        Tensor agreement = (map * channels.sum(1)).sum(1, keepdim: true);
        return where(agreement < 0, -map, map)
            .reshape(activation.shape[0], activation.shape[2], activation.shape[3])
            .MoveToOuterDisposeScope();
    }
}
