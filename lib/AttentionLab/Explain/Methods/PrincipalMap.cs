using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>The projection of a layer's places onto the direction in which its channels vary most.</summary>
internal static class PrincipalMap
{
    /// <summary>
    /// Of x as a matrix O of places × channels, O·v with v its first right singular vector. A singular vector's sign is
    /// arbitrary: here the one for which the map agrees with the sum of the channels (their product, summed, is not negative).
    /// </summary>
    /// <param name="x">N×C×h×w.</param>
    /// <returns>N×h×w.</returns>
    public static Tensor Of(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor channels = x.InDouble().flatten(2); // N×C×hw

        // v is the last eigenvector of OᵀO, C×C.
        (_, Tensor vectors) = linalg.eigh(channels.bmm(channels.transpose(1, 2)));
        Tensor map = vectors.select(2, -1).unsqueeze(1).bmm(channels).squeeze(1); // N×hw
        Tensor agreement = (map * channels.sum(1)).sum(1, keepdim: true);
        map = where(agreement < 0, -map, map);
        return map.reshape(x.shape[0], x.shape[2], x.shape[3]).MoveToOuterDisposeScope();
    }
}
