using System.Diagnostics;
using System.Globalization;
using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Models;
using AttentionLab.Training;

namespace AttentionLab.Explore;

/// <summary>
/// Watches a network while it is trained: the numbers so far, and after each epoch where it looks in the same few pictures. Each
/// view takes the place of the one before, and afterwards all epochs are there to explore.
/// </summary>
/// <remarks>
/// <code>
/// var monitor = new TrainingMonitor(new TrainedNetwork(cnn, data.ClassNames, data.Preprocessing), data.Test.Take(4));
/// var live = display("Starting …");
/// trainer.Fit(cnn, data, report => { if (monitor.View(report) is { } view) live.Update(view); });
/// monitor.Explore()
/// </code>
/// The maps are for the pictures' true classes, so that those of two epochs show the same thing. The pictures are explained in
/// evaluation mode, between two steps: a watched training gives the same weights as one that nobody watches.
/// </remarks>
public sealed class TrainingMonitor
{
    private const int MostPictures = 12;

    private readonly TrainedNetwork _network;
    private readonly IReadOnlyList<LabeledImage> _pictures;
    private readonly ExplanationMethod _method;
    private readonly Stopwatch _sinceView = Stopwatch.StartNew();
    private readonly List<ExplorerEpoch> _epochs = [];

    /// <summary>Watches a network, which stays the caller's.</summary>
    /// <param name="network">The network that is trained, with its classes and preprocessing.</param>
    /// <param name="pictures">1 to 12 of any size, which are explained after each epoch.</param>
    /// <param name="method">The name of the method that explains them, at the layer that it chooses.</param>
    /// <exception cref="ArgumentException">There are no or too many pictures, a picture's class is not one of the network's, or
    /// the method is unknown or cannot explain the network.</exception>
    public TrainingMonitor(TrainedNetwork network, IReadOnlyList<LabeledImage> pictures, string method = "grad-cam")
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(pictures);
        if (pictures.Count is < 1 or > MostPictures)
        {
            throw new ArgumentException(
                $"1 to {MostPictures} pictures are explained after each epoch; {pictures.Count} are given.",
                nameof(pictures)
            );
        }

        if (pictures.FirstOrDefault(picture => picture.Label >= network.ClassNames.Count) is { } other)
        {
            throw new ArgumentException(
                $"The network has {network.ClassNames.Count} classes, and a picture is of class {other.Label}, {other.ClassName}: "
                    + "give pictures of the set that it is trained on.",
                nameof(pictures)
            );
        }

        _method = ExplanationMethods.Get(method);
        if (_method.AppliesTo(network.Module).Reason is { } reason)
        {
            throw new ArgumentException($"{method} cannot explain this network: {reason}", nameof(method));
        }

        (_network, _pictures) = (network, [.. pictures]);
    }

    /// <summary>At most one view in this time, except after an epoch. Default: half a second.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The views' language. Default: that of the thread's user interface when the monitor was made.</summary>
    public CultureInfo Culture { get; init; } = CultureInfo.CurrentUICulture;

    /// <summary>What was seen after each epoch so far.</summary>
    public IReadOnlyList<ExplorerEpoch> Epochs => _epochs;

    /// <summary>What there is to see after a step; null when the last view is younger than <see cref="Interval"/>.</summary>
    /// <param name="report">What <see cref="Trainer"/> reports. After an epoch's last step the pictures are explained.</param>
    /// <exception cref="InvalidOperationException">The network's weights are broken.</exception>
    public TrainingView? View(TrainingProgress report)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (report.Finished is not null)
        {
            var target = Target.Classes([.. _pictures.Select(picture => picture.Label)]);
            IReadOnlyList<Explanation> explanations = _method.Explain(
                _network,
                [.. _pictures.Select(picture => picture.Picture)],
                new ExplanationOptions { Target = target }
            );
            _epochs.Add(new ExplorerEpoch(report.Epoch, explanations));
        }
        else if (_sinceView.Elapsed < Interval)
        {
            return null;
        }

        _sinceView.Restart();
        return new TrainingView(report, _pictures, _epochs.Count > 0 ? _epochs[^1] : null, _network.ClassNames)
        {
            Culture = Culture,
        };
    }

    /// <summary>The maps of all epochs, with a slider that chooses the epoch.</summary>
    /// <exception cref="InvalidOperationException">No epoch is over yet.</exception>
    /// <exception cref="ArgumentException">The figure would exceed 1.5 MB.</exception>
    public Explorer Explore() =>
        _epochs.Count > 0
            ? new Explorer(_epochs, _pictures, _network.ClassNames) { Culture = Culture }
            : throw new InvalidOperationException("No epoch is over yet: there are no maps to explore.");
}
