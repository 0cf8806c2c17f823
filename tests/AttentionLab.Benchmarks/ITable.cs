namespace AttentionLab.Benchmarks;

/// <summary>One table of measurements.</summary>
internal interface ITable
{
    /// <summary>What <c>--only</c> calls it.</summary>
    string Name { get; }

    /// <summary>Whether it is left out unless <c>--only</c> names it.</summary>
    bool IsOnRequest => false;

    /// <summary>Its heading.</summary>
    string Title { get; }

    /// <summary>Measures and writes Markdown.</summary>
    void Write(TextWriter output, bool quick);
}
