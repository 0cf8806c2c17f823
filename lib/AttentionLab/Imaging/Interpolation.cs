namespace AttentionLab.Imaging;

/// <summary>How pixels between pixels are computed.</summary>
public enum Interpolation
{
    /// <summary>Linear in both directions; made smaller, over an area that is as much larger.</summary>
    Bilinear,

    /// <summary>Keys's cubic with a = −1/2 in both directions; made smaller, over an area that is as much larger.</summary>
    Bicubic,

    /// <summary>
    /// Reduced, the mean of the area that a pixel covers (OpenCV's INTER_AREA); made larger, Catmull and Rom's cubic.
    /// What
    /// <see cref="ImageFile"/> does.
    /// </summary>
    Area,
}
