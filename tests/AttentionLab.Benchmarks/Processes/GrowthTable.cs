using AttentionLab.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Sequential = TorchSharp.Modules.Sequential;

namespace AttentionLab.Benchmarks.Processes;

/// <summary>
/// How a step's cost grows, beside what its multiplications alone would take at the speed of a large convolution.
/// </summary>
internal sealed class GrowthTable : ITable
{
    private static readonly int[] Widths = [32, 64, 128];

    public string Name => "growth";

    public string Title =>
        "How the cost of a training step grows (floor: its multiplications at the speed of one large convolution)";

    private sealed record Point(int Batch, int Side, int Width);

    private static Point[] Points(bool quick) =>
        quick
            ? [new(16, 32, 1), new(64, 32, 1), new(256, 32, 1)]
            :
            [
                new(16, 32, 1),
                new(64, 32, 1),
                new(256, 32, 1),
                new(1024, 32, 1),
                new(64, 32, 2),
                new(64, 32, 4),
                new(64, 64, 1),
                new(64, 128, 1),
            ];

    public void Write(TextWriter output, bool quick)
    {
        output.Heading("batch × side × width", "1 thread", "2 threads", "floor, 1 thread", "1 thread to floor", "2 threads to 1");
        double peak = Probe.Run("growth", 1, "peak").Min();
        foreach (Point point in Points(quick))
        {
            string[] arguments = [$"{point.Batch}", $"{point.Side}", $"{point.Width}", quick ? "1" : "3"];
            double one = Probe.Run("growth", 1, arguments).Median(),
                two = Probe.Run("growth", 2, arguments).Median();
            double floor = StepOperations(point) / PeakOperations * peak;
            output.Row(
                $"{point.Batch} × {point.Side} × {point.Width}",
                Speed(one),
                Speed(two),
                Speed(floor),
                $"{floor / one:p0}",
                $"{one / two:f2}"
            );

            string Speed(double milliseconds) => $"{1000 * point.Batch / milliseconds:N0} images/s";
        }

        output.WriteLine(
            $"\nThe large convolution (128 to 128 channels, 64 pictures of 16 × 16) runs at {PeakOperations / peak / 1e6:N0} "
                + "GFLOP/s on one thread. Width: times the tutorial's channels."
        );
    }

    /// <summary>Milliseconds of each step. Arguments: "peak", or batch, side, width, seconds.</summary>
    public static double[] Measure(string[] arguments)
    {
        if (arguments[0] == "peak")
        {
            return MeasurePeak();
        }

        int[] numbers = [.. arguments.Select(a => int.Parse(a, System.Globalization.CultureInfo.InvariantCulture))];
        var point = new Point(numbers[0], numbers[1], numbers[2]);
        using Batch batch = Networks.FirstBatch(point.Batch, point.Side);
        return Probe.Milliseconds(
            Networks.Step(Networks.Ours, point.Width == 1 ? Networks.Create("plain", point.Side) : Wider(point), batch),
            numbers[3],
            warmUps: 3
        );
    }

    private static double PeakOperations => 2.0 * 64 * 16 * 16 * 128 * 128 * 9;

    private static double[] MeasurePeak()
    {
        Module<Tensor, Tensor> convolution = Conv2d(128, 128, 3, padding: 1);
        Tensor input = randn(64, 16, 16, 128).permute(0, 3, 1, 2);
        return Probe.Milliseconds(() =>
        {
            using IDisposable noGradients = no_grad();
            convolution.call(input).Dispose();
        });
    }

    /// <summary>
    /// Floating-point operations: a forward pass, and twice as many backward but for the gradient of the pixels, which nobody
    /// needs.
    /// </summary>
    private static double StepOperations(Point point)
    {
        double forward = 0,
            first = 0;
        int inputs = 3,
            side = point.Side;
        foreach (int width in Widths)
        {
            double layer = 2.0 * point.Batch * side * side * inputs * width * point.Width * 9;
            first = first == 0 ? layer : first;
            forward += layer;
            (inputs, side) = (width * point.Width, side / 2);
        }

        forward += 2.0 * point.Batch * ((inputs * side * side * 512.0) + (512 * 10));
        return (3 * forward) - first;
    }

    /// <summary>The plain network with more channels.</summary>
    private static Sequential Wider(Point point)
    {
        var layers = new List<Module<Tensor, Tensor>>();
        int inputs = 3;
        foreach (int width in Widths)
        {
            layers.AddRange([
                Conv2d(inputs, width * point.Width, 3, padding: 1),
                BatchNorm2d(width * point.Width),
                ReLU(),
                MaxPool2d(2),
            ]);
            inputs = width * point.Width;
        }

        layers.AddRange([
            Flatten(),
            Linear(inputs * (point.Side / 8) * (point.Side / 8), 512),
            ReLU(),
            Dropout(0.5),
            Linear(512, 10),
        ]);
        return Sequential(layers);
    }
}
