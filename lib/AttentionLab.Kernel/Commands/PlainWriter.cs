using System.Text;

namespace AttentionLab.Kernel.Commands;

/// <summary>Passes text on as <see cref="PlainText"/>.</summary>
/// <param name="inner">Where it goes.</param>
/// <param name="shorten">Makes a line shorter before, where it repeats what was typed.</param>
internal sealed class PlainWriter(TextWriter inner, Func<string, string>? shorten = null) : TextWriter
{
    /// <summary>Where the text goes.</summary>
    public TextWriter Inner => inner;

    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Write(value.ToString());

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    /// <inheritdoc/>
    public override void Write(string? value) => inner.Write(PlainText.Of(value ?? ""));

    /// <inheritdoc/>
    public override void WriteLine() => inner.WriteLine();

    /// <inheritdoc/>
    public override void WriteLine(string? value) =>
        inner.WriteLine(PlainText.Of(shorten is null ? value ?? "" : shorten(value ?? "")));

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();
}
