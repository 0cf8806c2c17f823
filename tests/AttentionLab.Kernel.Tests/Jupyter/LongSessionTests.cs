using System.Diagnostics;
using System.Globalization;

namespace AttentionLab.Kernel.Tests.Jupyter;

/// <summary>
/// A long session grows little. <c>CELLS=1000 dotnet test tests/AttentionLab.Kernel.Tests --filter
/// FullyQualifiedName~LongSessionTests</c> runs as many cells.
/// </summary>
public sealed class LongSessionTests
{
    private const int Early = 100; // by then compiler and runtime hold what they hold for good

    [Fact]
    public void A_kernel_of_many_cells_grows_by_less_than_30_percent()
    {
        int count = int.Parse(Environment.GetEnvironmentVariable("CELLS") ?? "200", CultureInfo.InvariantCulture);
        using var kernel = new KernelClient();
        kernel.Execute("int x = 0; double Half(double a) => a / 2; record Point(int X, int Y);");
        Run(0, Early);
        long early = Resident(kernel.Process);
        Run(Early, count);
        long late = Resident(kernel.Process);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"after {Early} cells {early >> 20} MB, after {count} cells {late >> 20} MB"
        );
        Assert.Equal($"{count}", kernel.Execute("x").Outputs[0].Text);
        Assert.InRange((double)late / early, 0, 1.3);

        void Run(int from, int to)
        {
            for (int i = from; i < to; i++)
            {
                kernel.Execute($"x++; var p{i % 20} = new Point({i}, x); for (int k = 0; k < x; k++) Half(k); x");
            }
        }
    }

    private static long Resident(Process process)
    {
        process.Refresh();
        return process.WorkingSet64;
    }
}
