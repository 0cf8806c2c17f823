using System.Globalization;
using AttentionLab.Core;
using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Host.Commands;
using AttentionLab.Models;
using AttentionLab.Reports;

namespace AttentionLab.Host.Explaining;

/// <summary>What a reader gets: a page, each map over its picture as a PNG, and all of them side by side.</summary>
internal sealed class ResultFolder
{
    public const string PageName = "index.html";

    /// <summary>A grid larger than this is cut: a PNG that one has to scroll shows nothing.</summary>
    private const int MostRows = 16,
        MostColumns = 20;

    private const int Alternatives = 2;
    private const double LeastAlternative = 0.01;

    private readonly string _folder;
    private readonly PictureInput _input;
    private readonly ExplainRun _run;
    private readonly IReadOnlyList<string> _classNames;
    private readonly IReadOnlyList<string> _fileNames;

    private ResultFolder(string folder, PictureInput input, ExplainRun run, IReadOnlyList<string> classNames)
    {
        (_folder, _input, _run, _classNames) = (folder, input, run, classNames);
        _fileNames = FileName.ForAll([
            .. input.Names.Select(name =>
                string.Concat(Path.ChangeExtension(name, null).Normalize().Select(c => char.IsLetterOrDigit(c) ? c : '-'))
            ),
        ]);
    }

    /// <summary>Writes everything into a folder, which is made if need be; files of the same names are replaced.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="input">The pictures.</param>
    /// <param name="run">What the methods found in them.</param>
    /// <param name="classNames">The network's classes.</param>
    /// <param name="facts">Small print for the page.</param>
    public static void Write(
        string folder,
        PictureInput input,
        ExplainRun run,
        IReadOnlyList<string> classNames,
        IReadOnlyList<string> facts
    )
    {
        Directory.CreateDirectory(folder);
        var result = new ResultFolder(folder, input, run, classNames);
        ChannelWeightMatrix? weights = run.Attention.Count > 0 ? result.Weights() : null;
        weights?.Save(result.At($"{MethodChoice.AttentionWeights}.png"));
        result.WriteMaps();
        result.WriteGrids();
        result.WriteChannels();
        result.WriteConcepts();
        new ExplanationPage([.. Enumerable.Range(0, input.Photographs.Count).Select(result.Explained)])
        {
            Figures = weights is null ? [] : [weights],
            Facts = facts,
        }.Save(result.At(PageName));
    }

    private void WriteMaps()
    {
        foreach (Explanation maps in _run.Maps)
        {
            for (int n = 0; n < _input.Photographs.Count; n++)
            {
                // In the method's own units, as the legend shows; in colours it is the same as scaled.
                new MapOverlay(_input.Photographs[n], Enlarged(maps[n], n))
                {
                    Title = $"{maps.Method}, {maps.Layer}: {_classNames[maps.Classes[n]]}",
                }.Save(At($"{_fileNames[n]}-{maps.Method}-{maps.Layer}.png"));
            }
        }
    }

    private void WriteGrids()
    {
        var parts = (
            from rows in Enumerable.Range(0, _input.Photographs.Count).Chunk(MostRows)
            from columns in _run.Maps.Chunk(MostColumns)
            select (rows, columns)
        ).ToList();
        for (int p = 0; p < parts.Count; p++)
        {
            (int[] rows, Explanation[] columns) = parts[p];
            var grid = new MethodGrid(
                [.. columns.Select(maps => $"{maps.Method}\n{maps.Layer}")],
                [.. rows.Select(n => Row(n, columns.Select(maps => new MapPanel(Enlarged(maps[n], n).MinMax()))))]
            );
            grid.Save(At(Numbered("methods", p, parts.Count)));
        }
    }

    private void WriteChannels()
    {
        foreach (TopChannels layer in _run.Channels)
        {
            int[][] parts = [.. Enumerable.Range(0, _input.Photographs.Count).Chunk(MostRows)];
            for (int p = 0; p < parts.Length; p++)
            {
                var panels = new HeatMapPanels([
                    .. parts[p]
                        .Select(n =>
                            Row(
                                n,
                                layer
                                    .Channels[n]
                                    .Select(channel => new MapPanel(TutorialMap(channel, n))
                                    {
                                        Channel = channel.Channel,
                                        Mean = channel.Mean,
                                    })
                            )
                        ),
                ])
                {
                    Title = layer.Layer,
                };
                panels.Save(At(Numbered($"channels-{layer.Layer}", p, parts.Length)));
            }
        }
    }

    private void WriteConcepts()
    {
        foreach (FeatureFactors factors in _run.Concepts)
        {
            int[][] parts = [.. Enumerable.Range(0, _input.Photographs.Count).Chunk(MostRows)];
            for (int p = 0; p < parts.Length; p++)
            {
                FeatureConcept[] placed =
                [
                    .. factors.Concepts.Select(concept =>
                        concept with
                        {
                            Maps = [.. parts[p].Select(n => concept.Maps[n] with { Part = _input.Parts[n] })],
                        }
                    ),
                ];
                (factors with { Concepts = placed })
                    .Over([.. parts[p].Select(n => _input.Photographs[n])])
                    .Save(At(Numbered($"{MethodChoice.FeatureConcepts}-{factors.Layer}", p, parts.Length)));
            }
        }
    }

    /// <summary>
    /// The modules' weights, averaged over the pictures of each class: the true one where it is known, else the predicted one.
    /// </summary>
    private ChannelWeightMatrix Weights()
    {
        IGrouping<int, int>[] classes =
        [
            .. Enumerable
                .Range(0, _input.Photographs.Count)
                .GroupBy(n => _input.Labels?[n] ?? _run.Predictions[n].Best.Index)
                .OrderBy(group => group.Key),
        ];
        WeightBlock[] blocks =
        [
            .. _run.Attention.Select(block =>
            {
                var means = new float[classes.Length, block.Values.GetLength(1)];
                for (int k = 0; k < classes.Length; k++)
                {
                    for (int c = 0; c < means.GetLength(1); c++)
                    {
                        means[k, c] = classes[k].Average(n => block.Values[n, c]);
                    }
                }

                return new WeightBlock(block.Block, means);
            }),
        ];
        return new ChannelWeightMatrix([.. classes.Select(group => _classNames[group.Key])], blocks);
    }

    private ImageWithMaps Row(int n, IEnumerable<MapPanel> maps) =>
        new(
            _input.Photographs[n],
            _input.Labels is { } labels ? _classNames[labels[n]] : null,
            _classNames[_run.Predictions[n].Best.Index],
            [.. maps]
        );

    private ExplainedImage Explained(int n)
    {
        int predicted = _run.Predictions[n].Best.Index;
        IEnumerable<ExplainedMap> maps = _run.Maps.SelectMany(results =>
        {
            string? layer = results.Layer == ActivationExtractor.Input ? null : results.Layer;
            return
                _run.Channels.FirstOrDefault(channels =>
                    results.Method == new RankedChannel().Name && channels.Layer == results.Layer
                )
                    is { } top
                ? top.Channels[n]
                    .Select(channel => new ExplainedMap(results.Method, TutorialMap(channel, n))
                    {
                        Layer = layer,
                        Channel = channel.Channel,
                    })
                : [new ExplainedMap(results.Method, Enlarged(results[n], n).MinMax()) { Layer = layer }];
        });
        return new ExplainedImage(_input.Photographs[n], _classNames[predicted], _run.Predictions[n].Best.Probability, [.. maps])
        {
            Name = _input.Names[n],
            TrueClass = _input.Labels is { } labels ? _classNames[labels[n]] : null,
            Alternatives =
            [
                .. _run.Predictions[n]
                    .Classes.Skip(1)
                    .Take(Alternatives)
                    .Where(other => other.Probability >= LeastAlternative)
                    .Select(other => (_classNames[other.Index], other.Probability)),
            ],
            ExplainedClass = _run.Maps.Count > 0 ? _classNames[_run.Maps[0].Classes[n]] : null,
        };
    }

    /// <summary>The map on its photograph: on the part that the network saw.</summary>
    private Heatmap Enlarged(Heatmap map, int n) =>
        (map with { Part = _input.Parts[n] }).Place(_input.Photographs[n].Height, _input.Photographs[n].Width);

    private Heatmap TutorialMap(ChannelMap channel, int n) =>
        channel.ToHeatMap(_input.Photographs[n].Height, _input.Photographs[n].Width, _input.Parts[n]);

    private string At(string name) => Path.Combine(_folder, name);

    private static string Numbered(string name, int part, int parts) =>
        parts == 1 ? $"{name}.png" : string.Create(CultureInfo.InvariantCulture, $"{name}-{part + 1:00}.png");
}
