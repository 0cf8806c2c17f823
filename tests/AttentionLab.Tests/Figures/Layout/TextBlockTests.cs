using AttentionLab.Figures;
using CsCheck;

namespace AttentionLab.Tests.Figures.Layout;

[Trait("Kind", "Numeric")]
public sealed class TextBlockTests
{
    [Fact]
    public void A_short_text_is_one_line() => Assert.Equal(1, new TextBlock("cat", 13, 200).Lines);

    [Fact]
    public void A_line_break_breaks() => Assert.Equal(3, new TextBlock("True: cat\r\nPredicted: dog\n", 13, 200).Lines);

    [Theory]
    [InlineData("true class a very long class name indeed that goes on")]
    [InlineData("Donaudampfschifffahrtsgesellschaftskapitän")]
    [InlineData("超长的类别名称会被换行，而不会被截断，也不会重叠。")]
    public void A_long_text_is_wrapped_to_the_width(string text)
    {
        var block = new TextBlock(text, 13, 100);
        Assert.InRange(block.Lines, 2, 6);
        Assert.InRange(block.Width, 40, 100);
        Assert.Equal(block.Lines * block.LineHeight, block.Height);
    }

    [Fact]
    public void What_does_not_fit_into_the_lines_allowed_is_shortened()
    {
        var block = new TextBlock("a very long class name indeed that goes on and on and on", 13, 100, 2);
        Assert.Equal(2, block.Lines);
        Assert.InRange(block.Width, 40, 100);
    }

    [Fact]
    public void No_text_is_wider_than_allowed() =>
        Gen.Select(Gen.String[Gen.Char["ab Ω猫狗，。-\n\ud83d"], 0, 60], Gen.Float[20, 300])
            .Sample(
                (text, width) => new TextBlock(text, 12, width, 3) is { Lines: <= 3 } block && block.Width <= width,
                iter: 300
            );
}
