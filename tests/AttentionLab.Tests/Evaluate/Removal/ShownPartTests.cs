using AttentionLab.Evaluate;
using AttentionLab.Tests.Explain;
using static AttentionLab.Tests.Evaluate.Trials;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Evaluate.Removal;

[Trait("Kind", "Numeric")]
public sealed class ShownPartTests
{
    [Fact]
    public void Average_drop_is_the_part_of_the_confidence_that_is_lost()
    {
        // y = 1 + 2 + 3 whole; the map shows all of the first pixel and half of the second: y = 1 + 1.
        using nn.Module<Tensor, Tensor> model = Linear(1, 2, 3, 0);
        using Tensor picture = ones(1, 1, 2, 2);
        EvaluationTrial trial = Of(
            model,
            picture,
            new float[,]
            {
                { 4, 2 },
                { 0, -1 },
            }
        );
        Assert.Equal((Sigmoid(6) - Sigmoid(2)) / Sigmoid(6), new AverageDrop().Score(trial)[0], 6 * Tolerance.Rounding(8));
        Assert.Equal(0, new IncreaseInConfidence().Score(trial)[0]);

        // Hidden by 3 in place of 0: 1 + 2·2 + 3·3.
        Assert.Equal(0, new AverageDrop { Baseline = [3] }.Score(trial)[0]);
        Assert.Equal(1, new IncreaseInConfidence { Baseline = [3] }.Score(trial)[0]);
    }

    [Fact]
    public void Confidence_rises_when_the_map_hides_what_speaks_against()
    {
        using nn.Module<Tensor, Tensor> model = Linear(1, -2);
        using Tensor picture = ones(1, 1, 1, 2);
        EvaluationTrial trial = Of(
            model,
            picture,
            new float[,]
            {
                { 1, 0 },
            }
        );
        Assert.Equal(1, new IncreaseInConfidence().Score(trial)[0]);
        Assert.Equal(0, new AverageDrop().Score(trial)[0]);
    }

    [Fact]
    public void A_blank_map_hides_all_and_an_even_one_nothing()
    {
        using nn.Module<Tensor, Tensor> model = Linear(1, 2);
        using Tensor picture = ones(1, 1, 1, 2);
        Assert.Equal(
            (Sigmoid(3) - 0.5) / Sigmoid(3),
            new AverageDrop().Score(Of(model, picture, new float[1, 2]))[0],
            6 * Tolerance.Rounding(8)
        );
        Assert.Equal(
            0,
            new AverageDrop().Score(
                Of(
                    model,
                    picture,
                    new float[,]
                    {
                        { 0.3f, 0.3f },
                    }
                )
            )[0],
            3 * Tolerance.Rounding(8)
        );
        Assert.Equal(
            0,
            new IncreaseInConfidence().Score(
                Of(
                    model,
                    picture,
                    new float[,]
                    {
                        { 0.3f, 0.3f },
                    }
                )
            )[0]
        );
    }

    [Fact]
    public void A_model_that_breaks_on_a_changed_picture_is_named()
    {
        using var scope = NewDisposeScope();
        using nn.Module<Tensor, Tensor> model = Linear(1, 2);
        using var broken = new Composed(x => model.call(1 / x), ("inner", model));
        Tensor picture = ones(1, 1, 1, 2);
        EvaluationTrial trial = Of(model, picture, new float[1, 2]);
        EvaluationTrial onBroken = new(trial.Method, broken, picture, trial.Explanation);
        Assert.Contains(
            "picture 0",
            Assert.Throws<InvalidOperationException>(() => new AverageDrop().Score(onBroken)).Message,
            StringComparison.Ordinal
        );
    }
}
