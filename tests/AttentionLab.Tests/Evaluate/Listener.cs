namespace AttentionLab.Tests.Evaluate;

/// <summary>Hears of progress at once, on the caller's thread.</summary>
internal sealed class Listener(Action<double> told) : IProgress<double>
{
    public void Report(double value) => told(value);
}
