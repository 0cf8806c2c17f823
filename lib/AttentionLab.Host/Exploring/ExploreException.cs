namespace AttentionLab.Host.Exploring;

/// <summary>A request that cannot be answered; the message is for the page's reader.</summary>
internal sealed class ExploreException(string message) : Exception(message);
