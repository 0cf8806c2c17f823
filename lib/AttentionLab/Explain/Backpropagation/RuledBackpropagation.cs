using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// A forward pass, and a backward pass in which chosen layers use a rule in place of their derivative. The graph is cut at each
/// use of such a layer; between the cuts gradients are propagated as usual. Activations that the model's code calls as functions
/// on a layer's output, or on the sum of two, are recognised (<see cref="FunctionalActivations"/>) and treated like layers.
/// </summary>
internal sealed class RuledBackpropagation : IDisposable
{
    private const int MostRecent = 12;

    private readonly Func<nn.Module, BackwardRule?> _ruleOf;
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly FunctionalActivations _functions = new();
    private readonly List<Cut> _cuts = [];
    private readonly Stack<Tensor> _entered = [];
    private readonly List<Known> _known = [];
    private readonly List<nn.Module> _unexplained = [];

    private RuledBackpropagation(Func<nn.Module, BackwardRule?> ruleOf) => _ruleOf = ruleOf;

    /// <summary>Runs the model and walks back.</summary>
    /// <param name="method">The name of the method that asks, for messages.</param>
    /// <param name="model">In evaluation mode.</param>
    /// <param name="input">What the model takes, which stays as it is.</param>
    /// <param name="score">From the model's output to what is walked back from; added up.</param>
    /// <param name="ruleOf">The rule of a layer; null for its derivative.</param>
    /// <returns>What arrives at the input, of its shape; how many rules were used; and the layers into which goes something that is
    /// nowhere negative, like an activation's output, and of which nothing is known.</returns>
    /// <exception cref="InvalidOperationException">Nothing arrives.</exception>
    public static (Tensor Gradient, int Rules, IReadOnlyList<nn.Module> Unexplained) Of(
        string method,
        nn.Module<Tensor, Tensor> model,
        Tensor input,
        Func<Tensor, Tensor> score,
        Func<nn.Module, BackwardRule?> ruleOf
    )
    {
        using var walk = new RuledBackpropagation(ruleOf);
        using IDisposable gradients = enable_grad();
        Tensor leaf = input.detach().clone().requires_grad_();
        Tensor end = walk.Forward(model, leaf, score);
        walk.Backward(leaf, end);
        return leaf.grad is { } gradient
            ? (gradient.clone().MoveToOuterDisposeScope(), walk._cuts.Count, walk._unexplained)
            : throw new InvalidOperationException(
                $"{method}: the score does not depend on the input by operations that have a gradient."
            );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _functions.Dispose();
        _scope.Dispose();
    }

    private Tensor Forward(nn.Module<Tensor, Tensor> model, Tensor leaf, Func<Tensor, Tensor> score)
    {
        Remember(leaf, isFunction: false);
        using var hooks = new PassHooks(model, Enter, Leave);
        return score(ForwardPass.Of(model, leaf + 0)).sum(); // a leaf may not be overwritten in place
    }

    /// <summary>A layer with a rule runs on a copy, so that the piece before it ends here.</summary>
    private Tensor Enter(nn.Module<Tensor, Tensor> layer, Tensor input)
    {
        Tensor seen = Recognised(input) ?? input;
        if (ReferenceEquals(seen, input) && !layer.children().Any() && MayBeOfActivation(input))
        {
            _unexplained.Add(layer);
        }

        if (_ruleOf(layer) is null)
        {
            return seen;
        }

        _entered.Push(Keep(seen.alias()));
        return seen.detach().clone();
    }

    /// <summary>A layer with a rule hands on a leaf, so that the next piece begins here.</summary>
    private Tensor Leave(nn.Module<Tensor, Tensor> layer, Tensor output)
    {
        Tensor result =
            _ruleOf(layer) is { } rule ? CutAt(layer, rule, _entered.Pop(), output)
            : layer.children().Any() ? Recognised(output) ?? output
            : output;
        return Remember(result, isFunction: false) + 0; // what the model's code overwrites in place is not what was kept
    }

    /// <summary>
    /// A tensor that an activation made that the model's code calls as a function, cut there: of the last output, or of the sum of
    /// it and another, as behind a residual block's shortcut. Null for any other tensor.
    /// </summary>
    private Tensor? Recognised(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor value = tensor.detach();
        foreach (Known known in OutputsAndSumsLike(value))
        {
            if (known.Value.Equals(value))
            {
                return known.IsFunction ? (known.Graph() + 0).MoveToOuterDisposeScope() : null;
            }

            if (_functions.Between(known.Value, value) is { } function && _ruleOf(function) is { } rule)
            {
                Tensor after = CutAt(function, rule, Keep(known.Graph()), tensor);
                Remember(after, isFunction: true);
                return after.MoveToOuterDisposeScope();
            }
        }

        return null;
    }

    /// <summary>
    /// Whether a tensor that was not recognised looks like an activation's: as large as the last output, nowhere negative, and neither
    /// an output nor a sum of two.
    /// </summary>
    private bool MayBeOfActivation(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor value = tensor.detach();
        return _known[^1].Value.numel() == value.numel()
            && !(value < 0).any().item<bool>()
            && !OutputsAndSumsLike(value).Any(known => known.Value.Equals(value));
    }

    /// <summary>
    /// The latest outputs of as many numbers (perhaps flattened since), the last one first, and then the sums of the last and each
    /// other, in the shape of a value.
    /// </summary>
    private IEnumerable<Known> OutputsAndSumsLike(Tensor value)
    {
        Known[] recent =
        [
            .. Enumerable
                .Reverse(_known)
                .Where(each => each.Value.numel() == value.numel())
                .Take(MostRecent)
                .Select(each => each.Shaped(value.shape)),
        ];
        return recent.Concat(recent.Skip(1).Select(other => recent[0].Plus(other)));
    }

    private Tensor Remember(Tensor result, bool isFunction)
    {
        Tensor graph = Keep(result.alias());
        _known.Add(new Known(() => graph, Keep(result.detach().clone()), isFunction));
        return graph;
    }

    private Tensor CutAt(nn.Module<Tensor, Tensor> layer, BackwardRule rule, Tensor before, Tensor output)
    {
        Tensor after = Keep(output.detach().clone().requires_grad_());
        var use = new LayerUse(layer, Keep(before.detach().clone()), Keep(after.detach()));
        _cuts.Add(new Cut(use, rule, before, after));
        return after + 0;
    }

    /// <summary>
    /// Whatever uses a layer's output comes after it: from last to first, each has its whole gradient when its turn comes.
    /// </summary>
    private void Backward(Tensor leaf, Tensor end)
    {
        if (end.requires_grad)
        {
            autograd.backward([end], retain_graph: true, inputs: [leaf, .. _cuts.Select(cut => cut.After)]);
        }

        for (int i = _cuts.Count - 1; i >= 0; i--)
        {
            using DisposeScope scope = NewDisposeScope();
            (LayerUse use, BackwardRule rule, Tensor before, Tensor after) = _cuts[i];
            if (after.grad is { } gradient && before.requires_grad)
            {
                Tensor passed = rule(use, gradient.detach());
                autograd.backward(
                    [before],
                    [passed],
                    retain_graph: true,
                    inputs: [leaf, .. _cuts.Take(i).Select(cut => cut.After)]
                );
            }
        }
    }

    /// <summary>Moves a tensor out of the model's own dispose scopes, which end before the walk does.</summary>
    private Tensor Keep(Tensor tensor)
    {
        _scope.Attach(tensor);
        return tensor;
    }

    /// <summary>What a layer, or a function that was recognised, gave.</summary>
    private sealed record Known(Func<Tensor> Graph, Tensor Value, bool IsFunction)
    {
        public Known Shaped(long[] shape) => new(() => Graph().reshape(shape), Value.reshape(shape), IsFunction);

        public Known Plus(Known other) => new(() => Graph() + other.Graph(), Value + other.Value, IsFunction || other.IsFunction);
    }

    private sealed record Cut(LayerUse Use, BackwardRule Rule, Tensor Before, Tensor After);
}
