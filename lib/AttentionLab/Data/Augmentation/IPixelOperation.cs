using System.Numerics;

namespace AttentionLab.Data;

/// <summary>What happens to each pixel on its own, several pixels at a time.</summary>
internal interface IPixelOperation
{
    /// <summary>Changes values of 0 to 255; afterwards they are clipped to that range and cut to whole numbers.</summary>
    void Apply(ref Vector<float> red, ref Vector<float> green, ref Vector<float> blue);
}
