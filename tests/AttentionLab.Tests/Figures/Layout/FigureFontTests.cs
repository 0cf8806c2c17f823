using System.Globalization;
using System.Reflection;
using AttentionLab.Figures;
using SkiaSharp;

namespace AttentionLab.Tests.Figures.Layout;

[Trait("Kind", "Numeric")]
public sealed class FigureFontTests
{
    private static readonly CultureInfo English = new("en-US"),
        Chinese = new("zh-CN");

    public static TheoryData<string> AllTexts =>
        [
            .. typeof(FigureText)
                .GetFields(BindingFlags.Public | BindingFlags.Static)
                .Where(f => f.FieldType == typeof(FigureText))
                .Select(f => f.Name),
        ];

    [Theory]
    [MemberData(nameof(AllTexts))]
    public void Every_character_of_our_words_has_a_glyph(string name)
    {
        var text = (FigureText)typeof(FigureText).GetField(name)!.GetValue(null)!;
        Assert.All(FigureFont.Typeface.GetGlyphs(text.English), glyph => Assert.NotEqual(0, glyph));
        Assert.All(FigureFont.Typeface.GetGlyphs(text.Chinese), glyph => Assert.NotEqual(0, glyph));
    }

    [Fact]
    public void Every_character_of_the_courses_labels_has_a_glyph() =>
        Assert.All(
            FigureLabels.All(),
            label =>
                Assert.All(
                    FigureFont.Typeface.GetGlyphs(label.Chinese.Replace("\n", "", StringComparison.Ordinal)),
                    glyph => Assert.NotEqual(0, glyph)
                )
        );

    [Theory]
    [MemberData(nameof(AllTexts))]
    public void Both_languages_have_the_same_places_to_fill(string name)
    {
        var text = (FigureText)typeof(FigureText).GetField(name)!.GetValue(null)!;
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(
                text.English.Contains($"{{{i}}}", StringComparison.Ordinal),
                text.Chinese.Contains($"{{{i}}}", StringComparison.Ordinal)
            );
        }
    }

    [Theory]
    [InlineData("zh-CN", "损失")]
    [InlineData("zh-TW", "损失")]
    [InlineData("zh", "损失")]
    [InlineData("en-GB", "Loss")]
    [InlineData("fr-FR", "Loss")]
    [InlineData("", "Loss")]
    public void The_culture_chooses_the_language(string culture, string expected) =>
        Assert.Equal(expected, FigureText.Loss.In(CultureInfo.GetCultureInfo(culture)));

    [Fact]
    public void Common_characters_and_symbols_have_glyphs()
    {
        const string Sample =
            "AZaz09 éüß αβγΩ ×÷±≥≤°µ²³–—…“”‘’←→↑↓−√∞ "
            + "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处理世车机猫狗鸟鹿马船";
        Assert.All(FigureFont.Typeface.GetGlyphs(Sample), glyph => Assert.NotEqual(0, glyph));
    }

    [Fact]
    public void A_character_that_the_font_lacks_is_drawn_with_another_font()
    {
        using SKTypeface other = SKTypeface.Default;
        IReadOnlyList<(string Text, SKTypeface Typeface)> runs = FigureFont.Runs(
            "a鿋鿋b",
            character => character == '鿋' ? other : null
        );
        Assert.Equal([("a", FigureFont.Typeface), ("鿋鿋", other), ("b", FigureFont.Typeface)], runs);
    }

    [Fact]
    public void A_character_that_no_font_has_becomes_a_question_mark()
    {
        IReadOnlyList<(string Text, SKTypeface Typeface)> runs = FigureFont.Runs("猫🙂\t鿋\ud800.", _ => null);
        Assert.Equal([("猫? ??.", FigureFont.Typeface)], runs);
        Assert.All(FigureFont.Typeface.GetGlyphs(runs[0].Text), glyph => Assert.NotEqual(0, glyph));
    }

    [Fact]
    public void What_the_system_is_asked_for_has_glyphs_or_is_a_question_mark()
    {
        foreach ((string text, SKTypeface typeface) in FigureFont.Runs("鿋の🙂한글"))
        {
            Assert.All(typeface.GetGlyphs(text), glyph => Assert.NotEqual(0, glyph));
        }
    }

    [Fact]
    public void ScottPlot_gets_the_same_font()
    {
        var chart = new LineChart(new LineSeries("a", [0], [0]));
        chart.ToPng();
        Assert.Same(FigureFont.Typeface, ScottPlot.Fonts.GetTypeface(EmbeddedFontResolver.Name, bold: false, italic: false));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.5, "0.5")]
    [InlineData(-0.12345, "−0.123")]
    [InlineData(1234.5, "1234")]
    [InlineData(9.999, "10")]
    [InlineData(0.0012349, "0.00123")]
    [InlineData(0.00001, "1e−5")]
    [InlineData(123456789, "1.23e8")]
    public void Numbers_are_short_and_the_same_in_every_culture(double value, string expected)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
        try
        {
            Assert.Equal(expected, FigureText.Number(value));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_figure_speaks_the_language_of_its_thread_unless_told()
    {
        CultureInfo before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = Chinese;
            Assert.Equal("每次迭代的训练损失", TrainingCharts.Iterations([1]).Title);
            Assert.Equal("Training loss per iteration", TrainingCharts.Iterations([1], English).Title);
            CultureInfo.CurrentUICulture = English;
            Assert.Equal("Training loss per iteration", TrainingCharts.Iterations([1]).Title);
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }
}
