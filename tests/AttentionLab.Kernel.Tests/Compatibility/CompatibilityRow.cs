namespace AttentionLab.Kernel.Tests.Compatibility;

/// <summary>A row of lib/docs/compatibility.md and the cells that show it.</summary>
/// <param name="Name">The row's first column, without its code marks.</param>
/// <param name="Standing">The row's second column.</param>
/// <param name="Shown">A part of what the last cell shows here, without markup, or of the error it ends with.</param>
/// <param name="Cells">The cells.</param>
internal sealed record CompatibilityRow(string Name, Standing Standing, string Shown, params string[] Cells)
{
    /// <summary>A part of what .NET Interactive shows, if that is something else; null when it is not asked.</summary>
    public string? There { get; init; } = Standing == Standing.Same ? Shown : null;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
