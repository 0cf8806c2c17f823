using AttentionLab.Training;
using CsCheck;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Training;

public class ReduceOnPlateauTests
{
    /// <summary>By hand, patience 1: the second epoch in a row that is no better cuts, and the waiting begins anew.</summary>
    [Fact]
    public void Cuts_after_patience()
    {
        var schedule = new ReduceOnPlateau { Factor = 0.5, Patience = 1 };
        double[] losses = [3, 2, 2, 2, 2, 2, 1];

        double[] rates = [.. losses.Select((_, i) => schedule.Rate(1, After(losses[..(i + 1)])))];

        Assert.Equal([1, 1, 1, 0.5, 0.5, 0.25, 0.25], rates);
    }

    [Fact]
    public void Is_torchs_schedule() =>
        Gen.Double[0.5, 2]
            .Array[1, 40]
            .Sample(
                losses =>
                {
                    using var weight = new Parameter(zeros(1));
                    using var optimizer = optim.SGD([weight], 0.1);
                    var reference = optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor: 0.5, patience: 2);
                    var schedule = new ReduceOnPlateau { Patience = 2 };
                    for (int epoch = 0; epoch < losses.Length; epoch++)
                    {
                        reference.step(losses[epoch]);
                        double rate = schedule.Rate(0.1, After(losses[..(epoch + 1)]));
                        Assert.Equal(optimizer.ParamGroups.Single().LearningRate, rate, 1e-12);
                    }
                },
                iter: 100,
                threads: 1
            );

    private static SchedulePoint After(double[] losses) => new(losses.Length, losses.Length + 1, 1, losses);
}
