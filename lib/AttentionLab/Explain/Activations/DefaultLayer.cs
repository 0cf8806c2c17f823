using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// The layer whose map is made when none is named: the last spatial tensor that all paths from the input to the output pass,
/// before it is only pooled. After a convolution's normalisation, ReLU and attention, that is, whatever they are called:
/// <c>relu3</c>, <c>ca3</c>, <c>layer4</c>, <c>features.29</c>.
/// </summary>
/// <remarks>
/// Selvaraju et al., "Grad-CAM", ICCV 2017, section 3, take the last convolutional feature maps, and their networks' maps end in
/// a ReLU. The measurements behind the choice are in lib/docs/default-layer.md. A tensor has a name when a module puts it out:
/// one that a function makes inside <c>forward</c> cannot be taken, and <see cref="Remark"/> says so where a ReLU does.
/// </remarks>
/// <param name="Path">The layer's path.</param>
/// <param name="Remark">What a reader of the map should know of this choice; null where it is the rule's.</param>
internal sealed record DefaultLayer(string Path, string? Remark)
{
    /// <summary>
    /// Finds the layer. Two forward passes of the first picture in most networks, without a change to the model.
    /// </summary>
    /// <param name="model">In evaluation mode.</param>
    /// <param name="input">Pictures, N×C×H×W.</param>
    /// <exception cref="ArgumentException">No layer that is called with <c>call</c> has height and width.</exception>
    public static DefaultLayer Of(nn.Module<Tensor, Tensor> model, Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor picture = input[..1];
        IReadOnlyList<Stage> stages = StagesOf(model, picture);
        if (stages.Count == 0)
        {
            throw new ArgumentException(
                $"{model.GetType().Name} has no layer with height and width that is called with call, so there is no map of it.",
                nameof(model)
            );
        }

        int last = Enumerable.Range(0, stages.Count).Reverse().FirstOrDefault(i => IsPassed(model, picture, stages[i]), -1);
        if (last < 0)
        {
            return new DefaultLayer(
                stages[^1].Use.Path,
                $"No layer with height and width is passed by all paths from the input to the output; {stages[^1].Use.Path}, the "
                    + "last one, was taken. What goes around it is not in the map."
            );
        }

        while (last > 0 && stages[last].IsOnlyResized(stages[last - 1]) && AllPathsPass(model, picture, stages[last - 1]))
        {
            last--;
        }

        string path = stages[last].Use.Path;
        return new DefaultLayer(
            path,
            stages[last].HasNegatives && IsFollowedByReLU(model, picture, stages[last])
                ? $"{path} was taken, whose values are those before a ReLU: the network computes that ReLU by a function, "
                    + "which cannot be hooked. Make it a module (ReLU()) for the map to be taken after it."
                : null
        );
    }

    /// <summary>The layers with height and width that a map could be made of, in the order in which they run.</summary>
    /// <inheritdoc cref="Of" path="/param"/>
    public static IEnumerable<(string Path, long Height, long Width)> Candidates(nn.Module<Tensor, Tensor> model, Tensor input) =>
        StagesOf(model, input[..1]).Select(stage => (stage.Use.Path, stage.Shape[2], stage.Shape[3]));

    /// <summary>The tensors with more than one place that modules output, in order, each once.</summary>
    private static List<Stage> StagesOf(nn.Module<Tensor, Tensor> model, Tensor picture)
    {
        var stages = new List<(Stage Stage, List<Use> Uses)>();
        var uses = new Dictionary<string, int>();
        var lastSpatial = new Dictionary<string, int>();
        Tensor? before = null;
        bool weighed = false;
        using DisposeScope scope = NewDisposeScope();
        using var hooks = new ForwardHooks(
            model,
            (path, module, output) =>
            {
                var use = new Use(path, uses[path] = uses.GetValueOrDefault(path) + 1);
                weighed |= module.parameters(recurse: false).Any();
                if (
                    SpatialLayout.Of(output.shape, picture.shape[2], picture.shape[3]) is not { } layout
                    || layout.ToChannelsFirst(output.detach()) is not { } places
                    || !LayerActivations.IsSpatial(places)
                    || output.shape[0] != 1
                )
                {
                    return output;
                }

                lastSpatial[path] = use.Number;
                if (before is not null && before.shape.SequenceEqual(places.shape) && (before == places).all().item<bool>())
                {
                    stages[^1].Uses.Add(use); // a block that ends in a layer, or a layer that changes nothing
                    return output;
                }

                before?.Dispose();
                before = places.clone(); // an in-place operation may overwrite it
                scope.Attach(before);
                stages.Add((new Stage(use, layout, before.shape, weighed, (before < 0).any().item<bool>()), [use]));
                weighed = false;
                return output;
            }
        );
        ForwardPass.Of(model, picture.clone());

        // Of a layer used several times its last use is explained: an earlier one has no name. Of several names the shortest is
        // the block's.
        return
        [
            .. stages
                .Select(stage =>
                    (
                        stage.Stage,
                        Names: stage
                            .Uses.Where(use => lastSpatial[use.Path] == use.Number)
                            .OrderBy(use => use.Path.Count(c => c == '.'))
                            .ToList()
                    )
                )
                .Where(stage => stage.Names.Count > 0)
                .Select(stage => stage.Stage with { Use = stage.Names[0] }),
        ];
    }

    /// <summary>
    /// Whether all paths pass this tensor, and, of tokens, not only the leading ones go on: behind a vision transformer's last
    /// block nothing but the class token is read.
    /// </summary>
    private static bool IsPassed(nn.Module<Tensor, Tensor> model, Tensor picture, Stage stage) =>
        AllPathsPass(model, picture, stage)
        && (
            stage.Layout.LeadingTokens == 0
            || GradientAt(model, picture, stage) is { Gradient: { } gradient }
                && (stage.Layout.ToChannelsFirst(gradient) != 0).any().item<bool>()
        );

    /// <summary>
    /// Whether the output depends on the input by this tensor alone: with the graph cut there, no gradient reaches the input.
    /// </summary>
    private static bool AllPathsPass(nn.Module<Tensor, Tensor> model, Tensor picture, Stage stage)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradients = enable_grad();
        Tensor leaf = picture.detach().clone().requires_grad_();
        Tensor output = Run(model, leaf + 0, stage, value => value.detach());
        if (output.requires_grad)
        {
            autograd.backward([output.sum()], inputs: [leaf]);
        }

        return leaf.grad is null;
    }

    /// <summary>Whether no negative value of the tensor has a gradient, and another value has.</summary>
    private static bool IsFollowedByReLU(nn.Module<Tensor, Tensor> model, Tensor picture, Stage stage)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor value, Tensor? gradient) = GradientAt(model, picture, stage);
        return gradient is not null
            && (gradient != 0).any().item<bool>()
            && !(gradient.masked_select(value < 0) != 0).any().item<bool>();
    }

    /// <summary>The tensor, and a number's gradient with respect to it that all of the output makes; null without a
    /// path.</summary>
    private static (Tensor Value, Tensor? Gradient) GradientAt(nn.Module<Tensor, Tensor> model, Tensor picture, Stage stage)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradients = enable_grad();
        Tensor? value = null,
            probe = null;
        Tensor output = Run(
            model,
            picture.detach().clone(),
            stage,
            kept =>
            {
                value = kept.detach();
                probe = zeros_like(kept).requires_grad_();
                scope.Attach([value, probe]);
                return kept + probe;
            }
        );

        // Different factors, for the sum of a softmax has no gradient.
        Tensor factors = arange(1, output.numel() + 1).to(output.dtype, output.device).cos();
        Tensor score = (output.flatten() * factors).sum();
        if (score.requires_grad)
        {
            autograd.backward([score], inputs: [probe!]);
        }

        return (value!.MoveToOuterDisposeScope(), probe!.grad?.MoveToOuterDisposeScope());
    }

    /// <summary>A forward pass that goes on with something else at one use of a layer.</summary>
    private static Tensor Run(nn.Module<Tensor, Tensor> model, Tensor input, Stage stage, Func<Tensor, Tensor> change)
    {
        int uses = 0;
        using var hooks = new ForwardHooks(
            model,
            (path, _, output) => path == stage.Use.Path && ++uses == stage.Use.Number ? change(output) : output
        );
        return ForwardPass.Of(model, input);
    }

    /// <param name="Path">The layer's path.</param>
    /// <param name="Number">Which of its uses in a pass, from 1.</param>
    private readonly record struct Use(string Path, int Number);

    /// <summary>A tensor on the way.</summary>
    /// <param name="Use">Which use of which layer puts it out.</param>
    /// <param name="Layout">Where it has height and width.</param>
    /// <param name="Shape">1×C×h×w, whatever its layout.</param>
    /// <param name="Weighed">Whether a layer with weights of its own ran since the stage before.</param>
    /// <param name="HasNegatives">Whether a value is below zero.</param>
    private sealed record Stage(Use Use, SpatialLayout Layout, long[] Shape, bool Weighed, bool HasNegatives)
    {
        /// <summary>Pooled, cut or enlarged without weights: as many channels, other sides.</summary>
        public bool IsOnlyResized(Stage before) => !Weighed && Shape[1] == before.Shape[1] && !Shape.SequenceEqual(before.Shape);
    }
}
