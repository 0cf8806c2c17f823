using System.CommandLine;
using AttentionLab.Data;
using AttentionLab.Host.Commands;
using AttentionLab.Models;

namespace AttentionLab.Host.Training;

/// <summary>The network that <c>train</c> trains whole: a new one, or one that learned before.</summary>
internal sealed class NetworkToTrain : IDisposable
{
    private readonly NetworkArchitecture? _new;
    private readonly TrainedNetwork? _given;
    private readonly bool _keepsSet,
        _isGrey;

    private NetworkToTrain(NetworkArchitecture? architecture, TrainedNetwork? given, bool keepsSet, bool isGrey) =>
        (_new, _given, _keepsSet, _isGrey) = (architecture, given, keepsSet, isGrey);

    /// <summary>Whether it learned before.</summary>
    public bool IsTrained => _given is not null;

    /// <summary>Finds or loads it.</summary>
    public static async Task<NetworkToTrain> FindAsync(
        TrainArguments arguments,
        ParseResult parsed,
        Action<string> say,
        CancellationToken cancellationToken
    )
    {
        string? model = parsed.GetValue(arguments.Model),
            weights = parsed.GetValue(arguments.Weights);
        bool isOwn = NetworkArchitecture.Names.Contains(model);
        if (arguments.IsNew(parsed))
        {
            return new NetworkToTrain(NetworkArchitecture.Get(model!), null, isOwn, parsed.GetValue(arguments.Grey));
        }

        string? preprocessing = parsed.GetValue(arguments.Preprocessing);
        TrainedNetwork given = await NetworkArguments
            .LoadAsync(model, weights, classes: null, preprocessing, say, cancellationToken)
            .ConfigureAwait(false);
        if (NetworkArguments.IsPretrained(model, weights))
        {
            say($"{model} begins with weights that learned ImageNet; {arguments.FromScratch.Name} begins with random ones.");
        }

        return new NetworkToTrain(null, given, isOwn, given.Preprocessing.Channels == 1);
    }

    /// <summary>The set that the words name, with pictures as the network takes them.</summary>
    /// <param name="source">A folder, or the built-in set's name.</param>
    /// <param name="limit">The most training pictures; null for all.</param>
    /// <param name="say">Receives a sentence for each fact.</param>
    public DataSet Load(string source, int? limit, Action<string> say)
    {
        Preprocessing? preprocessing = _keepsSet ? null : _given?.Preprocessing ?? _new!.Preprocessing;
        DataSet data = DataSets.Load(source, say, new ImageFolderOptions { Preprocessing = preprocessing });
        data = limit is { } most ? data.Take(most) : data;
        return preprocessing is not null ? data.At(preprocessing)
            : _isGrey ? data.ToGrey()
            : data;
    }

    /// <summary>The network with an output for each of a set's classes.</summary>
    public TrainedNetwork For(DataSet data, long seed) =>
        _given is null
            ? new TrainedNetwork(
                _new!.CreateFor(data.Train.Channels, data.ClassNames.Count, seed),
                data.ClassNames,
                _keepsSet ? data.Preprocessing : _new.Preprocessing
            )
            {
                Architecture = _new,
            }
        : _keepsSet ? _given
        : _given.ForClasses(data.ClassNames, seed);

    /// <inheritdoc/>
    public void Dispose() => _given?.Dispose();
}
