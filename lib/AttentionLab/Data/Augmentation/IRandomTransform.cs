using AttentionLab.Core;

namespace AttentionLab.Data;

/// <summary>One step of an augmentation: draws its parameters and changes the picture by them.</summary>
public interface IRandomTransform
{
    /// <summary>
    /// Draws from <paramref name="random"/> and changes the picture in place. May run on several threads at once.
    /// </summary>
    void Apply(Canvas canvas, ref RandomStream random);
}
