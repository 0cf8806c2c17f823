using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AttentionLab.Evaluate;

/// <summary>How far methods can be trusted for one model on some pictures: plain numbers and words, which save to a file and load back.</summary>
public sealed record EvaluationReport
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
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
                $"The table has {found.Length} scores of {method} by {measure}. Its rows are {string.Join(", ", Scores.Select(score => $"{score.Method} at {score.Layer}").Distinct())}.",
                nameof(method)
            );
    }

    /// <summary>The table as comma-separated values with a header: method, layer, measure, better, mean, low, high, pictures.</summary>
    public string ToCsv()
    {
        var csv = new StringBuilder("method,layer,measure,better,mean,low,high,pictures\n");
        foreach (MeasureScore s in Scores)
        {
            csv.Append(
                FormattableString.Invariant(
                    $"{s.Method},{s.Layer},{s.Measure},{(s.HigherIsBetter ? "higher" : "lower")},{s.Mean.Mean:g9},{s.Mean.Low:g9},{s.Mean.High:g9},{s.Mean.Pictures}\n"
                )
            );
        }

        return csv.ToString();
    }

    /// <summary>Writes it as JSON; an existing file is replaced.</summary>
    public void Save(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, Json));

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file holds something else.</exception>
    public static EvaluationReport Load(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<EvaluationReport>(File.ReadAllText(path), Json)
                ?? throw new JsonException("It is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is no report of trust: {e.Message}", e);
        }
    }
}
