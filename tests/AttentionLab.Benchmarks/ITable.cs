namespace AttentionLab.Benchmarks;

/// <summary>One table of measurements.</summary>
internal interface ITable
{
    /// <summary>What <c>--only</c> calls it.</summary>
    string Name { get; }

    /// <summary>Its heading.</summary>
    string Title { get; }

    /// <summary>Measures and writes Markdown.</summary>
    void Write(TextWriter output, bool quick);
}
