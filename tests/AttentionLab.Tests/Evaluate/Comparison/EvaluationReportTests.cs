using AttentionLab.Evaluate;
using CsCheck;

namespace AttentionLab.Tests.Evaluate.Comparison;

public sealed class EvaluationReportTests
{
    private const string Whole = """
        {"Model":"m","Pictures":1,"Target":"t","Scores":[{"Method":"a,b","Layer":"x\"y","Measure":"z","HigherIsBetter":true,
        "Mean":{"Mean":0.5,"Low":"NaN","High":"NaN","Pictures":1},"Scores":[0.5]}],"Comparisons":[],"Ranking":[],"Warnings":[],"Versions":{"v":"1"}}
        """;

    [Fact]
    public void Fields_with_commas_and_quotes_are_quoted_in_the_table() =>
        Assert.Equal(
            "method,layer,measure,better,mean,low,high,pictures\n\"a,b\",\"x\"\"y\",z,higher,0.5,NaN,NaN,1\n",
            Load(Whole).ToCsv()
        );

    [Fact]
    public void The_table_of_pictures_has_a_row_for_each() =>
        Assert.Equal("picture,\"a,b at x\"\"y: z\"\n0,0.5\n", Load(Whole).ToCsvByPicture());

    [Fact]
    public void It_reads_as_a_ranking_with_times_and_warnings()
    {
        EvaluationReport report = Load(Whole) with
        {
            Ranking = [new MethodRank("a", "conv1", 1.5)],
            Times = [new MethodTime("a", 0.0123)],
            Warnings = ["Something is odd."],
        };
        Assert.Equal(
            "m, 1 pictures, t. Methods by mean rank:\n  1.5  a at conv1, 0.012 s a picture\nSomething is odd.",
            report.ToString()
        );
    }

    [Theory]
    [InlineData("\"Scores\":[0.5]", "\"Scores\":[0.5,1]")]
    [InlineData("\"Versions\"", "\"Times\":[null],\"Versions\"")]
    [InlineData("\"Scores\":[{", "\"Scores\":[null,{")]
    [InlineData("\"Mean\":{\"Mean\":0.5,\"Low\":\"NaN\",\"High\":\"NaN\",\"Pictures\":1}", "\"Mean\":null")]
    [InlineData("\"Mean\":{\"Mean\":0.5,\"Low\":\"NaN\",\"High\":\"NaN\",\"Pictures\":1},", "")]
    [InlineData("\"Method\":\"a,b\"", "\"Method\":null")]
    [InlineData("\"Scores\":[0.5]", "\"Scores\":null")]
    [InlineData("\"Ranking\":[]", "\"Ranking\":null")]
    [InlineData("\"Ranking\":[]", "\"Ranking\":[null]")]
    [InlineData("\"Comparisons\":[]", "\"Comparisons\":[null]")]
    [InlineData("\"Comparisons\":[]", "\"Comparisons\":[{}]")]
    [InlineData("\"Warnings\":[]", "\"Warnings\":[null]")]
    [InlineData("\"v\":\"1\"", "\"v\":null")]
    [InlineData("\"Model\":\"m\"", "\"Model\":null")]
    [InlineData("\"Model\":\"m\",", "")]
    [InlineData("{\"Model\"", "null,{\"Model\"")]
    public void A_damaged_report_is_refused_when_it_is_read(string part, string damage)
    {
        Assert.Contains(part, Whole, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => Load(Whole.Replace(part, damage, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_report_damaged_at_random_is_refused_or_can_be_used() =>
        DamagedJson
            .Of(
                Whole
                    .Replace("\"Comparisons\":[]", Comparison, StringComparison.Ordinal)
                    .Replace("\"Ranking\":[]", Ranking, StringComparison.Ordinal)
            )
            .Sample(
                damaged =>
                {
                    EvaluationReport report;
                    try
                    {
                        report = Load(damaged);
                    }
                    catch (InvalidDataException)
                    {
                        return;
                    }

                    Assert.NotEmpty(report.ToCsv() + report.ToCsvByPicture() + report);
                },
                iter: 500
            );

    private const string Comparison = """
        "Comparisons":[{"Method":"a,b","Layer":"x","Measure":"z","Baseline":"even-map","Advantage":{"Mean":0.5,"Low":"NaN","High":"NaN","Pictures":1}}]
        """;

    private const string Ranking = """
        "Ranking":[{"Method":"a,b","Layer":"x","MeanRank":1}],"Times":[{"Method":"a,b","SecondsPerPicture":0.1}]
        """;

    private static EvaluationReport Load(string json)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.json");
        try
        {
            File.WriteAllText(path, json);
            return EvaluationReport.Load(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
