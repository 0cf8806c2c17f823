using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Imaging;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Explain.Concepts;

[Trait("Kind", "Numeric")]
public sealed class DeepFeatureFactorizationTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    // Of two pictures the channels are 3·m and 4·m: one concept, direction 0.6, 0.8, whose map is 5·m.
    [Fact]
    public void One_concept_by_hand()
    {
        using Module<Tensor, Tensor> model = Network();
        Tensor m = tensor([1f, 0, 2, 1, 0, 0, 1, 3], [2, 1, 2, 2]);
        FeatureFactors factors = new DeepFeatureFactorization { Concepts = 1, Layer = "layer" }.Factorize(
            model,
            cat([3 * m, 4 * m], 1)
        );
        FeatureConcept concept = Assert.Single(factors.Concepts);

        // Computed in double precision; what is left is the conversion to float32, of 5·3 at most.
        Assert.Equal([0.6f, 0.8f], concept.Vector, (a, b) => Math.Abs(a - b) <= Tolerance.Rounding(2));
        Assert.Equal(
            [5f, 0, 10, 5, 0, 0, 5, 15],
            concept.Maps.SelectMany(map => map.Flat()),
            (a, b) => Math.Abs(a - b) <= 15 * Tolerance.Rounding(2)
        );
        Assert.Equal(1, concept.Share, Tolerance.RoundingInDouble(8));
        Assert.InRange(factors.Error, 0, 1e-7); // the square root of a double's rounding
        Assert.Empty(factors.Notes);
        Assert.Equal(SpatialLayout.ChannelsFirst, factors.Layout);
        Assert.Equal("1 concepts at layer (100 %), 100 % of the activation's square", factors.ToString());
        Assert.Equal(("concept 1", "layer"), (concept.Maps[0].Method, concept.Maps[0].Layer));
    }

    // Channels that never meet are two concepts: the second, 2 in one picture's corner, is 2 of 2 + 1 + 2 + 1 = 6.
    [Fact]
    public void Channels_that_never_meet_are_concepts_of_their_own_the_larger_first()
    {
        using Module<Tensor, Tensor> model = Network();
        Tensor input = zeros(2, 2, 2, 2);
        input[0, 1] = tensor([1f, 2, 1, 0], [2, 2]);
        input[1, 0, 1, 1] = 2;
        FeatureFactors factors = new DeepFeatureFactorization
        {
            Concepts = 2,
            Layer = "layer",
            Iterations = 2000,
        }.Factorize(model, input);

        // Multiplicative updates take a value to 0 only in the limit.
        const double limit = 0.01;
        Assert.Equal([0f, 1], factors.Concepts[0].Vector, (a, b) => Math.Abs(a - b) <= limit);
        Assert.Equal([1f, 0], factors.Concepts[1].Vector, (a, b) => Math.Abs(a - b) <= limit);
        Assert.Equal([1f, 2, 1, 0], factors.Concepts[0].Maps[0].Flat(), (a, b) => Math.Abs(a - b) <= limit);
        Assert.Equal([0f, 0, 0, 2], factors.Concepts[1].Maps[1].Flat(), (a, b) => Math.Abs(a - b) <= limit);
        Assert.Equal(2 / 6.0, factors.Concepts[1].Share, limit);
        Assert.Equal(1, factors.Concepts.Sum(concept => concept.Share), Tolerance.RoundingInDouble(8));
    }

    [Fact]
    public void Negative_values_are_cut_and_reported()
    {
        using Module<Tensor, Tensor> model = Network();
        Tensor input = tensor([3f, -4, 0, 0, 0, 0, 0, 0], [1, 2, 2, 2]);
        FeatureFactors factors = new DeepFeatureFactorization { Concepts = 1, Layer = "layer" }.Factorize(model, input);
        Assert.Equal([3f, 0, 0, 0], factors.Concepts[0].Maps[0].Flat());
        Assert.Equal(
            "layer has negative values (64 % of the activation's square), which were cut at zero: take a layer after a ReLU for "
                + "all of it.",
            Assert.Single(factors.Notes)
        );
    }

    [Fact]
    public void Tokens_have_the_grid_of_their_patches()
    {
        using SmallTransformer model = Fixture.WithFormulaWeights(new SmallTransformer());
        Tensor input = Fixture.FormulaInput()[.., .., ..8, ..8].contiguous();
        FeatureFactors factors = new DeepFeatureFactorization { Concepts = 2, Layer = "block0" }.Factorize(model, input);
        Assert.Equal(SpatialLayout.Tokens(1, 2, 2), factors.Layout);
        Assert.All(factors.Concepts, concept => Assert.Equal((4, 8), (concept.Maps.Count, concept.Vector.Count)));
        Assert.All(factors.Concepts.SelectMany(concept => concept.Maps), map => Assert.Equal((2, 2), (map.Height, map.Width)));
    }

    [Fact]
    public void A_trained_networks_concepts_are_the_same_every_time_and_lie_over_their_pictures()
    {
        using var network = new TrainedNetwork(Fixture.WithFormulaWeights(new SeCnn()), [.. Enumerable.Repeat("c", 10)]);
        Image[] photos = [.. ShapeSet.Create(0, 3).Test.Select(each => each.Picture)];
        var method = new DeepFeatureFactorization { Concepts = 3, Iterations = 30 };
        FeatureFactors one = method.Factorize(network, photos),
            other = method.Factorize(network, photos);
        Assert.Equal("ca3", one.Layer);
        Assert.Equal(
            one.Concepts.SelectMany(concept => concept.Maps.SelectMany(map => map.Flat())),
            other.Concepts.SelectMany(concept => concept.Maps.SelectMany(map => map.Flat()))
        );
        ConceptGrid figure = one.Over(photos);
        Assert.Equal((3, 3, "ca3"), (figure.Pictures.Count, figure.Concepts.Count, figure.Title));
        Assert.Throws<ArgumentException>(() => one.Over(photos[..2]));
    }

    [Fact]
    public void Bad_questions_are_refused()
    {
        using Module<Tensor, Tensor> model = Network();
        Tensor input = ones(1, 2, 2, 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => new DeepFeatureFactorization { Concepts = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DeepFeatureFactorization { Iterations = -1 });
        AssertRefused<InvalidOperationException>("has 2 channels and 4 places", new() { Layer = "layer", Concepts = 3 }, input);
        AssertRefused<InvalidOperationException>("outputs nothing above zero", new() { Layer = "layer", Concepts = 1 }, -input);
        AssertRefused<ArgumentException>("has no height and width", new() { Layer = "fc", Concepts = 1 }, input);
        AssertRefused<ArgumentException>("no layer 'lay'", new() { Layer = "lay", Concepts = 1 }, input);
        AssertRefused<ArgumentException>("One layer is asked for; '*' are 3", new() { Layer = "*", Concepts = 1 }, input);
        AssertRefused<ArgumentException>("should be pictures", new() { Layer = "layer", Concepts = 1 }, input[0]);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            new DeepFeatureFactorization { Concepts = 1 }.Factorize(model, input, cancelled.Token)
        );

        void AssertRefused<TException>(string why, DeepFeatureFactorization method, Tensor pictures)
            where TException : Exception =>
            Assert.Contains(
                why,
                Assert.Throws<TException>(() => method.Factorize(model, pictures)).Message,
                StringComparison.Ordinal
            );
    }

    [Fact]
    public void Nothing_leaks()
    {
        using var model = new SeCnn(classes: 3, imageSize: 8);
        using Tensor input = rand(2, 3, 8, 8).DetachFromDisposeScope();
        Live.AssertNothingLeaks(() => new DeepFeatureFactorization { Concepts = 2, Iterations = 3 }.Factorize(model, input));
        Assert.Equal(0, Live.HooksOn(model));
    }

    private static Module<Tensor, Tensor> Network() =>
        Sequential(("layer", Identity()), ("flat", Flatten()), ("fc", Linear(8, 2)));
}
