using System.Numerics;
using AttentionLab.Core;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>The 16 values of each of some tiles: a plane for each of the 16, tiles × channels.</summary>
internal sealed unsafe class WinogradPlanes : IDisposable
{
    private readonly Tensor _memory; // of torch's, which keeps what it once had

    private readonly float* _first;

    private readonly long _channels;

    /// <summary>Planes that nothing was written to yet.</summary>
    public WinogradPlanes(long tiles, long channels)
    {
        (Tiles, _channels) = (tiles, channels);
        Stride = (tiles * channels) + 48; // 192 bytes more, because planes a power of two apart would share a cache's places
        _memory = empty(WinogradTiles.Points * Stride);
        _first = _memory.Floats();
    }

    /// <summary>How many tiles.</summary>
    public long Tiles { get; }

    /// <summary>From a plane to the next.</summary>
    public long Stride { get; }

    /// <summary>A plane: its first tile's first channel.</summary>
    public float* this[int point] => _first + (point * Stride);

    /// <summary>Adds a plane's sums over all tiles.</summary>
    /// <param name="point">Which plane.</param>
    /// <param name="sums">One for each channel.</param>
    public void AddSums(int point, float* sums)
    {
        for (long c = 0; c < _channels; c += Vector<float>.Count)
        {
            float* from = this[point] + c;
            Vector<float> sum = default;
            for (long tile = 0; tile < Tiles; tile++, from += _channels)
            {
                sum += Vector.Load(from);
            }

            (Vector.Load(sums + c) + sum).Store(sums + c);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
