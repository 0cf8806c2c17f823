using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Host.Explaining;

/// <summary>Tests whether the concept that a folder of pictures shows speaks for a class, by <see cref="Tcav"/>.</summary>
internal static class ConceptTest
{
    /// <summary>What <c>--method</c> calls it.</summary>
    public const string Name = "tcav";

    /// <summary>A result for each layer.</summary>
    /// <param name="network">Brings the files' pictures to its size.</param>
    /// <param name="input">The pictures of the class, as it takes them.</param>
    /// <param name="concept">A folder or file of pictures that show the concept.</param>
    /// <param name="random">A folder or file of pictures of anything, twice as many at least.</param>
    /// <param name="layers">None for the default layer.</param>
    /// <param name="target">Whose score is asked.</param>
    /// <param name="report">Receives a sentence for each file that is left out.</param>
    /// <param name="progress">Receives how much is done of each layer.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="ArgumentException">There are too few pictures.</exception>
    public static IReadOnlyList<TcavResult> Of(
        TrainedNetwork network,
        Tensor input,
        string concept,
        string random,
        IReadOnlyList<string> layers,
        Target target,
        Action<string> report,
        ExplainProgress progress,
        CancellationToken cancellationToken
    )
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor shown = Read(concept),
            anything = Read(random);
        var results = new List<TcavResult>();
        foreach (string? layer in layers.DefaultIfEmpty(null!))
        {
            progress.Begin(layer is null ? Name : $"{Name} at {layer}");
            var test = new Tcav
            {
                Layer = layer,
                Output = network.Output,
                Progress = progress,
                Cancellation = cancellationToken,
            };
            results.Add(test.Test(network.Module, shown, anything, input, target));
            progress.End();
        }

        return results;

        Tensor Read(string folder)
        {
            IReadOnlyList<string> files = PictureFiles.Find([folder], report);
            return network.ToInput([.. PictureFiles.Read(files, report, cancellationToken).Select(each => each.Image)]);
        }
    }
}
