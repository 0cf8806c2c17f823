using AttentionLab.Core;
using AttentionLab.Evaluate;
using AttentionLab.Explain;
using AttentionLab.Models;

namespace AttentionLab.Tests.Core;

public sealed class ExcerptTests
{
    [Theory]
    [InlineData("conv1", "conv1")]
    [InlineData("", "")]
    [InlineData("a\u001b[31mb\n", "a?[31mb?")]
    [InlineData("\u202egnp.exe", "?gnp.exe")]
    [InlineData("飞机 é", "飞机 é")]
    public void Text_is_shown_without_what_a_terminal_obeys(string text, string expected) =>
        Assert.Equal(expected, Excerpt.Of(text));

    [Fact]
    public void Long_text_and_long_lists_are_cut()
    {
        Assert.Equal(new string('x', 100) + "…", Excerpt.Of(new string('x', 10_000)));
        Assert.Equal("null", Excerpt.Of((string?)null));
        Assert.Equal("\ufffdx", Excerpt.Of("\ud800x"));
        Assert.EndsWith(
            ", 19, and 5 more",
            Excerpt.Of([.. Enumerable.Range(0, 25).Select(n => $"{n}")]),
            StringComparison.Ordinal
        );
        Assert.True(Excerpt.Of([.. Enumerable.Repeat(new string('x', 10_000), 1000)]).Length < 2200);
    }

    [Fact]
    public void Messages_about_bad_input_stay_short()
    {
        string bad = new('x', 10_000),
            path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        AssertShort(() => ExplanationMethods.Get(bad));
        AssertShort(() => EvaluationMeasures.Get(bad));
        AssertShort(() => AttentionLab.Data.DataSets.Load(".", bad, _ => { }));
        using var model = new Cnn();
        AssertShort(() => _ = new ActivationExtractor(model, [bad]));
        foreach (
            string header in (string[])
                [
                    $$$"""{"{{{bad}}}":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}""",
                    $$$"""{"a":{"dtype":"{{{bad}}}","shape":[1],"data_offsets":[0,4]}}""",
                    $$$"""{"a":{{{bad}}} }""",
                    $$$"""{"{{{bad}}}":1,"{{{bad}}}":2 }""",
                    $$$"""{"__metadata__":{"{{{bad}}}":1} }""",
                ]
        )
        {
            byte[] text = System.Text.Encoding.UTF8.GetBytes(header);
            File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)text.Length), .. text, 0, 0, 0, 0]);
            AssertShort(() => Safetensors.Open(path));
        }

        using (TorchSharp.torch.Tensor one = TorchSharp.torch.ones(1))
        {
            Safetensors.Save(Enumerable.Range(0, 100).ToDictionary(n => $"{n}{bad}", _ => one), path);
        }

        AssertShort(() => WeightFile.Load(model, path));
        File.Delete(path);

        static void AssertShort(Action action)
        {
            Exception? e = Record.Exception(action);
            Assert.NotNull(e);
            Assert.InRange(e.Message.Length, 10, 4500);
            Assert.DoesNotContain(new string('x', 400), e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("\\ud800")]
    [InlineData("x\\udfff")]
    public void Half_a_character_in_JSON_is_damage(string half)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.json");
        File.WriteAllText(
            path,
            $$$"""{"Model":"{{{half}}}","Pictures":1,"Target":"","Scores":[],"Comparisons":[],"Ranking":[],"Warnings":[],"Versions":{}}"""
        );
        Assert.Throws<InvalidDataException>(() => EvaluationReport.Load(path));
        foreach (
            string header in (string[])
                [
                    $$$"""{"{{{half}}}":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
                    $$$"""{"a":{"dtype":"{{{half}}}","shape":[1],"data_offsets":[0,4]}}""",
                    $$$"""{"__metadata__":{"a":"{{{half}}}"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
                ]
        )
        {
            byte[] text = System.Text.Encoding.UTF8.GetBytes(header);
            File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)text.Length), .. text, 0, 0, 0, 0]);
            Assert.Throws<InvalidDataException>(() => Safetensors.Open(path));
        }

        File.Delete(path);
    }
}
