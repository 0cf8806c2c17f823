namespace AttentionLab.Models;

/// <summary>A module N×C×H×W → N×C×H×W that multiplies each channel by a number in (0, 1), computed from the picture.</summary>
public interface IChannelAttention
{
    /// <summary>The name of the child that puts the numbers out, N×C: a hook there reads them.</summary>
    string WeightsLayer { get; }
}
