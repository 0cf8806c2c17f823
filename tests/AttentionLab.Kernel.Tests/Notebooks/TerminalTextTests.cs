using AttentionLab.Kernel.Notebooks;
using CsCheck;

namespace AttentionLab.Kernel.Tests.Notebooks;

public sealed class TerminalTextTests
{
    [Theory]
    [InlineData("a\nb", "a\nb")]
    [InlineData("10 %\r20 %\r100 %\n", "100 %\n")]
    [InlineData("long line\rshort", "shortline")]
    [InlineData("windows\r\nend\r\n", "windows\nend\n")]
    [InlineData("keep\r", "keep")]
    [InlineData("one\ntwo\r2", "one\n2wo")]
    public void A_carriage_return_writes_over_the_line(string written, string shown)
    {
        var text = new TerminalText();
        text.Write(written);
        Assert.Equal(shown, text.ToString());
    }

    [Fact]
    public void How_the_text_is_cut_into_writes_does_not_matter() =>
        Gen.Select(Gen.String["ab\r\n"], Gen.Int[0, 20])
            .Sample(
                (written, cut) =>
                {
                    var whole = new TerminalText();
                    whole.Write(written);
                    var pieces = new TerminalText();
                    pieces.Write(written[..Math.Min(cut, written.Length)]);
                    pieces.Write(written[Math.Min(cut, written.Length)..]);
                    return whole.ToString() == pieces.ToString();
                }
            );
}
