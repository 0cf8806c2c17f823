using AttentionLab.Explore;

namespace AttentionLab.Host.Exploring;

/// <summary>A network of the page.</summary>
/// <param name="Name">What the page calls it.</param>
/// <param name="Loading">The C# expression that loads it.</param>
/// <param name="Exploration">Asks it.</param>
internal sealed record ExploredNetwork(string Name, string Loading, Exploration Exploration);
