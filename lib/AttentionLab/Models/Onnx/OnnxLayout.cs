namespace AttentionLab.Models;

/// <summary>In which order an ONNX network takes the axes of pictures.</summary>
public enum OnnxLayout
{
    /// <summary>As the shape of its input says: channels last where the last side is 1, 3 or 4 and the two before it
    /// are free or more than 8.</summary>
    Detected,

    /// <summary>N×C×H×W, as PyTorch writes it.</summary>
    ChannelsFirst,

    /// <summary>N×H×W×C, as TensorFlow writes it.</summary>
    ChannelsLast,
}
