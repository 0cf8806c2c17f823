using System.Globalization;
using AttentionLab.Core;
using AttentionLab.Evaluate;
using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Tests.Explain;
using TorchSharp;

namespace AttentionLab.Tests;

/// <summary>
/// Numbers in messages are written alike everywhere: 0.5 and -1, whatever decimal sign, digits and minus the reader's system
/// writes.
/// </summary>
public sealed class CultureTests : IDisposable
{
    private readonly CultureInfo _before = CultureInfo.CurrentCulture;

    public void Dispose() => CultureInfo.CurrentCulture = _before;

    [Theory]
    [InlineData("ar-SA")]
    [InlineData("de-DE")]
    [InlineData("fr-FR")]
    [InlineData("sv-SE")]
    public void Messages_do_not_depend_on_it(string culture)
    {
        CultureInfo.CurrentCulture = new CultureInfo(culture);
        using DisposeScope scope = torch.NewDisposeScope();
        using var model = new HandMade();
        (string Number, Action Act)[] cases =
        [
            ("-0.5", () => new SmoothGrad { Noise = -0.5 }.Explain(model, HandMade.Picture)),
            ("-0.25", () => new CentredBlob { StandardDeviation = -0.25 }.Explain(model, HandMade.Picture)),
            (
                "-Infinity",
                () =>
                    _ = new Heatmap(
                        new float[1, 1]
                        {
                            { float.NegativeInfinity },
                        }
                    )
            ),
            ("-1.5", () => _ = new IntervalChart(new Interval("a", -1.5, 0, 1))),
        ];
        foreach ((string number, Action act) in cases)
        {
            Assert.Contains(number, Assert.ThrowsAny<Exception>(act).Message, StringComparison.Ordinal);
        }
    }
}
