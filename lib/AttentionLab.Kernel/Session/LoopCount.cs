namespace AttentionLab.Kernel.Session;

/// <summary>
/// What a loop counts. <c>for (int i = …; i + 1 &lt; n; i++)</c> counts <c>i</c> up by <c>1</c> to <c>(long)(n) - 1</c>.
/// </summary>
/// <param name="Variable">What goes up or down.</param>
/// <param name="Type"><c>int</c> or <c>long</c>.</param>
/// <param name="IsDown">Whether it goes down.</param>
/// <param name="Step">By how much; above 0 where it is a constant. The loop does not change it.</param>
/// <param name="End">The first number that it does not reach, a <c>long</c>; the loop does not change it.</param>
/// <param name="Rounds">How many rounds it makes before it looks.</param>
/// <param name="IsBare">
/// Whether it is <c>i &lt; n</c> or <c>i &gt; n</c> in steps of 1: its limit is always ahead of it, and it can stay the kind of
/// loop for which the compiler leaves out the checks of array bounds.
/// </param>
internal sealed record LoopCount(string Variable, string Type, bool IsDown, string Step, string End, int Rounds, bool IsBare)
{
    /// <summary>
    /// Declares how far the variable goes before the loop looks. Where it might step over the ends of its type, or does not move,
    /// the loop looks after each round.
    /// </summary>
    /// <param name="name">What is declared.</param>
    /// <param name="look">Looks whether to stop.</param>
    public string Limit(string name, string look)
    {
        (string left, string beyond, string sign) = IsDown
            ? ($"{Variable} - ({End})", "MaxValue", "-")
            : ($"({End}) - {Variable}", "MinValue", "+");
        string declared = $" {Type} {name} = unchecked(({Type})({End}));";
        if (Type == "long")
        {
            return $"{declared} if (unchecked((ulong)({left})) > {Rounds}) {{{look} {name} = {Variable} {sign} {Rounds}; }}";
        }

        if (Step == "1")
        {
            return $"{declared} if ({left} > {Rounds}) {{{look} {name} = {Variable} {sign} {Rounds}; }}";
        }

        string overflows = IsDown ? $"({End}) - {Step} < int.MinValue" : $"({End}) + {Step} > int.MaxValue";
        return $"{declared} if ({Step} <= 0 || {overflows}) {{{look} {name} = int.{beyond}; }}"
            + $" else if ({left} > {Rounds}L * {Step}) {{{look} {name} = unchecked({Variable} {sign} {Rounds} * {Step}); }}";
    }

    /// <summary>Whether a loop from <paramref name="start"/> makes at most <see cref="Rounds"/> rounds.</summary>
    public string IsFew(string start) => IsDown ? $"{start} - {End} <= {Rounds}" : $"{End} - {start} <= {Rounds}";

    /// <summary>Whether the variable is before its limit.</summary>
    public string IsBefore(string limit) => $"{Variable} {(IsDown ? '>' : '<')} {limit}";
}
