using System.Globalization;
using AttentionLab.Reports;
using AttentionLab.Training;

namespace AttentionLab.Tests.Reports;

public sealed class TrainingPageTests
{
    private static readonly EpochRecord First = new(1, 2.1, 0.2, 2.0, 0.25, null, null, 0.001, TimeSpan.FromSeconds(12.34), 801);

    private static readonly TrainingHistory History = new(
        [2.3, 2.2, 1.9, 1.8],
        [
            First,
            First with
            {
                Epoch = 2,
                TestAccuracy = 0.375,
                TestLoss = 1.75,
                LearningRate = 0.0005,
            },
            First with
            {
                Epoch = 3,
                TestAccuracy = 0.35,
            },
        ],
        Cancelled: false,
        "cpu"
    );

    [Fact]
    public void Every_epochs_numbers_are_there_and_the_best_one_is_marked()
    {
        string html = new TrainingPage(History) { Culture = CultureInfo.InvariantCulture, Facts = ["a < b"] }.ToHtml();
        Assert.Contains(
            "After 3 epochs the network names 35.00 % of the test pictures right. At its best, after epoch 2, it was 37.50 %.",
            html,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "<tr class=\"best\"><td>2</td><td>20.00 %</td><td>2.1000</td><td>37.50 "
                + "%</td><td>1.7500</td><td>0.0005</td><td>12.3</td><td>801</td></tr>",
            html,
            StringComparison.Ordinal
        );
        Assert.Equal(2, html.Split("<img ").Length - 1);
        Assert.Equal(3 + 1, html.Split("<tr").Length - 1);
        Assert.Contains("flatter a little", html, StringComparison.Ordinal);
        Assert.DoesNotContain("stopped before", html, StringComparison.Ordinal);
        Assert.Contains("<footer>a &lt; b</footer>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http:", html, StringComparison.Ordinal);
        Assert.DoesNotContain("https:", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_validation_part_chooses_the_best_epoch_and_a_stopped_run_says_so()
    {
        EpochRecord[] epochs =
        [
            .. History.Epochs.Select(epoch => epoch with { ValidationAccuracy = 0.1 * epoch.Epoch, ValidationLoss = 1 }),
        ];
        string html = new TrainingPage(History with { Epochs = epochs, Cancelled = true })
        {
            Culture = CultureInfo.GetCultureInfo("zh-CN"),
        }.ToHtml();
        Assert.Contains(PageText.TrainingLastIsBest.In(CultureInfo.GetCultureInfo("zh-CN")), html, StringComparison.Ordinal);
        Assert.Contains("<th>验证准确率</th>", html, StringComparison.Ordinal);
        Assert.Contains("<html lang=\"zh\">", html, StringComparison.Ordinal);
        Assert.Contains("训练在最后一轮之前被停止", html, StringComparison.Ordinal);
        Assert.Contains("验证集中的图片没有参与训练", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_epoch_there_is_no_page() =>
        Assert.Throws<ArgumentException>(() => new TrainingPage(History with { Epochs = [] }));
}
