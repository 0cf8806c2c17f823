using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using TorchSharp;

namespace AttentionLab.Benchmarks.Processes;

/// <summary>A measurement in a process of its own: this program again, with torch's threads and the allocator as asked.</summary>
internal static class Probe
{
    private static readonly Dictionary<string, Func<string[], double[]>> Measurements = new()
    {
        ["step"] = StepTable.Measure,
        ["loop"] = LoopTable.Measure,
        ["evaluation"] = EvaluationTable.Measure,
        ["memory"] = MemoryTable.Measure,
        ["growth"] = GrowthTable.Measure,
        ["onnx"] = OnnxTable.Measure,
        ["page"] = PageTable.Measure,
        ["few"] = FewTable.Measure,
        ["operators"] = OperatorsTable.Measure,
        [CheckpointTable.TableName] = CheckpointTable.Measure,
    };

    /// <summary>Starts a process, waits for it, and returns the numbers it found.</summary>
    /// <param name="name">One of the measurements.</param>
    /// <param name="threads">Torch's threads.</param>
    /// <param name="arguments">What the measurement asks for.</param>
    public static double[] Run(string name, int threads, params IEnumerable<string> arguments) =>
        Run(name, threads, new Dictionary<string, string>(), arguments);

    /// <summary>The same with environment variables.</summary>
    public static double[] Run(
        string name,
        int threads,
        IReadOnlyDictionary<string, string> environment,
        params IEnumerable<string> arguments
    )
    {
        string program = Environment.ProcessPath!;
        string[] own = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(Probe).Assembly.Location] : [];
        var start = new ProcessStartInfo(program, [.. own, "probe", name, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        foreach ((string variable, string value) in environment)
        {
            start.Environment[variable] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<double[]>(answer)!
            : throw new InvalidOperationException(
                $"Measuring {name} {string.Join(' ', arguments)} ended with {process.ExitCode}: {errors.Result}"
            );
    }

    /// <summary>Measures in this process and prints the numbers.</summary>
    public static void Answer(string name, string[] arguments)
    {
        torch.random.manual_seed(0);
        Console.WriteLine(JsonSerializer.Serialize(Measurements[name](arguments)));
    }

    /// <summary>Milliseconds of an action, repeated for a time after a warm-up.</summary>
    public static double[] Milliseconds(Action action, double seconds = 3, int warmUps = 8)
    {
        for (int i = 0; i < warmUps; i++)
        {
            action();
        }

        var times = new List<double>();
        for (var all = Stopwatch.StartNew(); all.Elapsed.TotalSeconds < seconds || times.Count < 5; )
        {
            var one = Stopwatch.StartNew();
            action();
            times.Add(one.Elapsed.TotalMilliseconds);
        }

        return [.. times];
    }
}
