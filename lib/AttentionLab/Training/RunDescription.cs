using System.Collections;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using AttentionLab.Data;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>
/// What is the same in every part of a run, in words: a checkpoint belongs to the run with the same words. An option that is off
/// has none, so that a checkpoint from before there was such an option still fits.
/// </summary>
internal static class RunDescription
{
    private const string Off = "none";

    /// <summary>Each property that matters by its name.</summary>
    public static Dictionary<string, string> Of(TrainingOptions options, DataSet data, nn.Module model)
    {
        var words = new Dictionary<string, string>
        {
            ["network"] = model.GetName(),
            ["data"] = Describe(data),
            ["batch size"] = Describe(options.BatchSize),
            ["learning rate"] = Describe(options.LearningRate),
            ["validation fraction"] = Describe(options.ValidationFraction),
            ["mixed precision"] = Describe(options.MixedPrecision),
            ["augmentation"] = options.Augmentation is { Transforms: { Count: > 0 } transforms } ? Describe(transforms) : Off,
            ["seed"] = Describe(options.Seed),
            ["optimizer"] = options.Optimizer == new Adam() ? Off : Describe(options.Optimizer),
            ["label smoothing"] = options.LabelSmoothing == 0 ? Off : Describe(options.LabelSmoothing),
            ["largest gradient norm"] = Describe(options.MaxGradientNorm),
            ["average decay"] = Describe(options.AverageDecay),
            ["mixing"] = Describe(options.Mixing),
            ["best weights kept"] = options.RestoreBest ? "True" : Off,
            ["test-time flipping"] = options.TestTimeFlipping ? "True" : Off,
        };
        if (options.Schedule is ReduceOnPlateau plateau)
        {
            words["plateau patience"] = Describe(plateau.Patience);
            words["plateau factor"] = Describe(plateau.Factor);
        }
        else
        {
            words["schedule"] = Describe(options.Schedule);
            words["epochs of the schedule"] = options.Schedule.DependsOnLength ? Describe(options.Epochs) : Off;
        }

        return words.Where(word => word.Value != Off || word.Key == "augmentation").ToDictionary();
    }

    private static string Describe(object? value) =>
        value switch
        {
            null => Off,
            IConvertible or IFormattable => Convert.ToString(value, CultureInfo.InvariantCulture)!,
            ITuple tuple => $"({string.Join(", ", Enumerable.Range(0, tuple.Length).Select(i => Describe(tuple[i])))})",
            IEnumerable items => string.Join(", ", items.Cast<object>().Select(Describe)),
            _ => string.Join(
                ' ',
                value
                    .GetType()
                    .GetProperties()
                    .OrderBy(property => property.Name, StringComparer.Ordinal)
                    .Select(property => (property.Name, Value: property.GetValue(value)))
                    .Where(property => property.Value is not false)
                    .Select(property => $"{property.Name}={Describe(property.Value)}")
                    .Prepend(value.GetType().Name)
            ),
        };

    private static string Describe(DataSet data)
    {
        var hash = new XxHash128();
        foreach (LabeledImages images in new[] { data.Train, data.Test, data.Validation }.OfType<LabeledImages>())
        {
            hash.Append(images.Pixels.Span);
            hash.Append(MemoryMarshal.AsBytes(images.Labels));
        }

        hash.Append(MemoryMarshal.AsBytes<float>(data.Normalization.Mean));
        hash.Append(MemoryMarshal.AsBytes<float>(data.Normalization.StandardDeviation));
        hash.Append(Encoding.UTF8.GetBytes(string.Join('\n', data.ClassNames)));
        return $"{data.Name}, {data.Train.Count}+{data.Test.Count}{(data.Validation is { } held ? $"+{held.Count}" : "")} "
            + $"pictures, {Convert.ToHexStringLower(hash.GetCurrentHash())}";
    }
}
