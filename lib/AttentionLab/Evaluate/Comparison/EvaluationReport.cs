using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using AttentionLab.Core;

namespace AttentionLab.Evaluate;

/// <summary>
/// How far methods can be trusted for one model on some pictures: plain numbers and words, which save to a file and load back.
/// </summary>
public sealed record EvaluationReport
{
    private const int LongestReason = 300;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>How many pictures were explained.</summary>
    public required int Pictures { get; init; }

    /// <summary>What was explained of each, in words.</summary>
    public required string Target { get; init; }

    /// <summary>The table: every method at every layer by every measure, method by method, baselines last.</summary>
    public required IReadOnlyList<MeasureScore> Scores { get; init; }

    /// <summary>Every method beside each baseline, by every measure that judges maps.</summary>
    public required IReadOnlyList<BaselineComparison> Comparisons { get; init; }

    /// <summary>The methods, the best first.</summary>
    public required IReadOnlyList<MethodRank> Ranking { get; init; }

    /// <summary>How long each method took; empty in files of versions that did not measure it.</summary>
    public IReadOnlyList<MethodTime> Times { get; init; } = [];

    /// <summary>In sentences, what speaks against the model or a method.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Of the library, TorchSharp, libtorch and .NET that made it.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>One cell of the table.</summary>
    /// <exception cref="ArgumentException">There is none, or a layer has to be named for there are several.</exception>
    public MeasureScore ScoreOf(string method, string measure, string? layer = null)
    {
        MeasureScore[] found =
        [
            .. Scores.Where(score => score.Method == method && score.Measure == measure && score.Layer == (layer ?? score.Layer)),
        ];
        return found.Length == 1
            ? found[0]
            : throw new ArgumentException(
                $"The table has {found.Length} scores of {Excerpt.Of(method)} by {Excerpt.Of(measure)}. Its rows are "
                    + $"{Excerpt.Of([.. Scores.Select(score => $"{score.Method} at {score.Layer}").Distinct()])}.",
                nameof(method)
            );
    }

    /// <summary>
    /// The table as comma-separated values (RFC 4180) with a header: method, layer, measure, better, mean, low, high, pictures.
    /// </summary>
    public string ToCsv()
    {
        var csv = new StringBuilder("method,layer,measure,better,mean,low,high,pictures\n");
        foreach (MeasureScore s in Scores)
        {
            csv.Append(
                FormattableString.Invariant(
                    $"{Field(s.Method)},{Field(s.Layer)},{Field(s.Measure)},{(s.HigherIsBetter ? "higher" : "lower")},{s.Interval.Mean:g9},{s.Interval.Low:g9},{s.Interval.High:g9},{s.Interval.Pictures}\n"
                )
            );
        }

        return csv.ToString();
    }

    /// <summary>
    /// The score of each picture as comma-separated values (RFC 4180): a row for each picture, numbered from 0, and a column for
    /// each row of <see cref="ToCsv"/>, headed "method at layer: measure". NaN where the measure says nothing of a picture.
    /// </summary>
    public string ToCsvByPicture()
    {
        var csv = new StringBuilder("picture");
        foreach (MeasureScore score in Scores)
        {
            csv.Append(',').Append(Field($"{score.Method} at {score.Layer}: {score.Measure}"));
        }

        for (int picture = 0; picture < Pictures; picture++)
        {
            csv.Append(CultureInfo.InvariantCulture, $"\n{picture}");
            foreach (MeasureScore score in Scores)
            {
                csv.Append(CultureInfo.InvariantCulture, $",{score.Scores[picture]:g9}");
            }
        }

        return csv.Append('\n').ToString();
    }

    /// <summary>To read: the ranking with each method's time, and the warnings.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Model}, {Pictures} pictures, {Target}. Methods by mean rank:\n");
        foreach (MethodRank rank in Ranking)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {rank.MeanRank:f1}  {rank.Method} at {rank.Layer}");
            if (Times.FirstOrDefault(time => time.Method == rank.Method) is { } time)
            {
                text.Append(CultureInfo.InvariantCulture, $", {time.SecondsPerPicture:g2} s a picture");
            }

            text.Append('\n');
        }

        foreach (string warning in Warnings)
        {
            text.Append(CultureInfo.InvariantCulture, $"{warning}\n");
        }

        return text.ToString().TrimEnd();
    }

    /// <summary>Writes it as JSON; an existing file is replaced.</summary>
    public void Save(string path) => AtomicFile.Write(path, JsonSerializer.Serialize(this, Json));

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file holds something else.</exception>
    public static EvaluationReport Load(string path)
    {
        try
        {
            EvaluationReport report =
                JsonSerializer.Deserialize<EvaluationReport>(File.ReadAllText(path), Json)
                ?? throw new JsonException("It is empty.");
            return report.HasGaps
                ? throw new JsonException("A place in one of its lists is empty, or a method lacks the scores of some pictures.")
                : report;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is not an evaluation report: {Excerpt.Of(e.Message, LongestReason)}", e);
        }
    }

    private static string Field(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    // What may be null inside of lists, JSON's reader does not check.
    private bool HasGaps =>
        Scores.Contains(null!)
        || Comparisons.Contains(null!)
        || Ranking.Contains(null!)
        || Warnings.Contains(null!)
        || Times.Contains(null!)
        || Scores.Any(score => score.Scores.Count != Pictures)
        || Versions.Values.Contains(null!);
}
