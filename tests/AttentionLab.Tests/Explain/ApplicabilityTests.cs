using AttentionLab.Explain;
using AttentionLab.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Explain;

[Trait("Kind", "Numeric")]
public sealed class ApplicabilityTests
{
    [Fact]
    public void Methods_that_read_attention_apply_to_networks_that_have_it_and_all_others_to_every_network()
    {
        using var plain = new Cnn();
        using var attention = new SeCnn();
        Assert.Equal(
            ["se-map", "attention-rollout", "gradient-weighted-attention"],
            ExplanationMethods.All.Where(method => !method.AppliesTo(plain).IsApplicable).Select(method => method.Name)
        );
        Assert.All(
            ExplanationMethods.All.Where(method => method is not AttentionMethod),
            method => Assert.Equal(Applicability.Yes, method.AppliesTo(attention))
        );
        using var transformer = new SmallTransformer();
        Assert.Equal(
            ["se-map"],
            ExplanationMethods
                .All.Where(method => !method.AppliesTo(transformer).IsApplicable)
                .Select(method => method.Name)
                .Except(["guided-backpropagation", "guided-grad-cam", "deconvolution"]) // its activation is a function
        );
        Assert.Equal(
            "no: Cnn has no channel attention, so there is nothing to weigh by; SeCnn has.",
            new SqueezeExcitationMap().AppliesTo(plain).ToString()
        );
    }

    [Theory]
    [InlineData("ca3", true)]
    [InlineData("ca?", true)]
    [InlineData("conv3", false)]
    [InlineData("*", false)]
    public void Layers_without_weights_are_refused_by_the_method_that_reads_weights(string layer, bool applies)
    {
        using var model = new SeCnn();
        Applicability answer = new SqueezeExcitationMap().AppliesTo(model, [layer]);
        Assert.Equal(applies, answer.IsApplicable);
        Assert.Equal(applies, answer.Reason is null);
        Assert.True(new GradCam().AppliesTo(model, [layer]).IsApplicable);
        if (layer == "conv3")
        {
            Assert.StartsWith("Layer 'conv3' is not a channel attention", answer.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_answer_is_what_an_explanation_then_says()
    {
        using Tensor pictures = zeros(1, 3, 8, 8);
        using Module<Tensor, Tensor> smooth = Sequential(
            Conv2d(3, 4, 3, padding: 1),
            Sigmoid(),
            AdaptiveAvgPool2d(1),
            Flatten(),
            Linear(4, 2)
        );
        Assert.Contains("no ReLU module", new GuidedBackpropagation().AppliesTo(smooth).Reason, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => new GuidedBackpropagation().Explain(smooth, pictures));
    }
}
