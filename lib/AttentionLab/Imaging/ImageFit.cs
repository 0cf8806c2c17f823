namespace AttentionLab.Imaging;

/// <summary>What happens to a picture whose sides have another ratio than the network's.</summary>
public enum ImageFit
{
    /// <summary>The largest part of the right ratio is cut out of the middle: the edges are lost.</summary>
    Crop,

    /// <summary>The whole picture is kept, with bars of the background beside it or above and below.</summary>
    Letterbox,

    /// <summary>The whole picture is kept and both sides are scaled on their own: what is round becomes oval.</summary>
    Squash,
}
