using AttentionLab.Training;
using CsCheck;

namespace AttentionLab.Tests.Training;

/// <summary>Rates of PyTorch 1.13 (Python) with torch.optim.lr_scheduler, printed with all digits of a double.</summary>
public sealed class ScheduleTests
{
    /// <summary>A dozen operations in float64 on rates of at most 0.4.</summary>
    private static readonly double Rounding = Tolerance.RoundingInDouble(12);

    /// <summary>OneCycleLR(0.4, total_steps=12, pct_start=0.25, anneal_strategy='linear', div_factor=25,
    /// final_div_factor=inf).</summary>
    [Fact]
    public void One_cycle_is_torchs() =>
        AssertRates(
            new OneCycle(),
            [
                0.016,
                0.20800000000000002,
                0.4,
                0.35555555555555557,
                0.3111111111111111,
                0.2666666666666667,
                0.22222222222222224,
                0.17777777777777778,
                0.13333333333333336,
                0.0888888888888889,
                0.04444444444444445,
                0,
            ]
        );

    /// <summary>OneCycleLR(0.4, total_steps=10, pct_start=0.3, anneal_strategy='linear', div_factor=10,
    /// final_div_factor=10).</summary>
    [Fact]
    public void One_cycle_with_other_ends_is_torchs() =>
        AssertRates(
            new OneCycle
            {
                RisingPart = 0.3,
                StartFactor = 0.1,
                EndFactor = 0.01,
            },
            [
                0.04,
                0.22,
                0.4,
                0.34342857142857147,
                0.28685714285714287,
                0.23028571428571432,
                0.17371428571428574,
                0.11714285714285716,
                0.06057142857142861,
                0.004,
            ]
        );

    /// <summary>CosineAnnealingLR(T_max=8), and with eta_min=0.04.</summary>
    [Fact]
    public void Cosine_annealing_is_torchs()
    {
        AssertRates(new CosineAnnealing(), Cosine);
        AssertRates(
            new CosineAnnealing { EndFactor = 0.1 },
            [
                0.4,
                0.3862983158520316,
                0.3472792206135785,
                0.2888830178257162,
                0.22,
                0.15111698217428385,
                0.09272077938642145,
                0.05370168414796839,
            ]
        );
    }

    /// <summary>SequentialLR of LinearLR(0.1, total_iters=4) and CosineAnnealingLR(T_max=8), milestone 4.</summary>
    [Fact]
    public void Warmup_is_torchs() =>
        AssertRates(new Warmup(new CosineAnnealing()) { Epochs = 1 }, [0.04, 0.13, 0.22, 0.31, .. Cosine], stepsPerEpoch: 4);

    [Fact]
    public void A_plateau_after_a_warmup_cuts_the_full_rate()
    {
        var schedule = new Warmup(new ReduceOnPlateau { Patience = 0 }) { Epochs = 1, StartFactor = 0.5 };
        double[] rates = [.. Enumerable.Range(0, 6).Select(step => schedule.Rate(0.4, new(step, 6, 2, Losses(step / 2))))];
        Assert.Equal([0.2, 0.3, 0.4, 0.4, 0.2, 0.2], rates.Select(rate => Math.Round(rate, 12)));

        static double[] Losses(int epochs) => [.. Enumerable.Repeat(1.0, epochs)]; // the second epoch is no better than the first
    }

    [Fact]
    public void The_constant_rate_stays() => AssertRates(new ConstantRate(), [0.4, 0.4, 0.4]);

    /// <summary>Runs of any length, also of one step or two: rates are finite, and never above the highest or below 0.</summary>
    [Fact]
    public void Every_rate_lies_between_0_and_the_highest() =>
        Gen.Select(Gen.Int[1, 40], Gen.Double[0.01, 0.99], Gen.Double[0, 1])
            .Sample(
                (steps, rising, end) =>
                {
                    LearningRateSchedule[] schedules =
                    [
                        new OneCycle { RisingPart = rising, EndFactor = end },
                        new CosineAnnealing { EndFactor = end },
                        new Warmup(new OneCycle { RisingPart = rising }) { Epochs = rising },
                    ];
                    foreach (LearningRateSchedule schedule in schedules)
                    {
                        for (int step = 0; step < steps; step++)
                        {
                            Assert.InRange(schedule.Rate(0.4, new(step, steps, 5, [])), -Rounding, 0.4 + Rounding);
                        }
                    }
                }
            );

    private static double[] Cosine { get; } =
    [
        0.4,
        0.38477590650225735,
        0.3414213562373095,
        0.276536686473018,
        0.2,
        0.12346331352698206,
        0.05857864376269051,
        0.015224093497742654,
    ];

    private static void AssertRates(LearningRateSchedule schedule, double[] expected, int stepsPerEpoch = 1)
    {
        for (int step = 0; step < expected.Length; step++)
        {
            Assert.Equal(expected[step], schedule.Rate(0.4, new(step, expected.Length, stepsPerEpoch, [])), Rounding);
        }
    }
}
