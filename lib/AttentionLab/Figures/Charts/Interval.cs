namespace AttentionLab.Figures;

/// <summary>A mean and how far it can be trusted, such as its 95 % confidence interval.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Mean">The mean.</param>
/// <param name="Low">The interval's lower end, at most the mean.</param>
/// <param name="High">The interval's upper end, at least the mean.</param>
public sealed record Interval(string Name, double Mean, double Low, double High);
