using System.Diagnostics.CodeAnalysis;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Perfolizer.Horology;
using TorchSharp;

namespace AttentionLab.Benchmarks.Micro;

/// <summary>A table by BenchmarkDotNet, in this process and on one torch thread.</summary>
internal sealed class MicroTable(
    string name,
    string title,
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] Type benchmark
) : ITable
{
    public string Name => name;

    public string Title => title;

    public void Write(TextWriter output, bool quick)
    {
        torch.set_num_threads(1);
        Summary summary = Run(benchmark, quick);
        var log = new AccumulationLogger();
        MarkdownExporter.GitHub.ExportToLog(summary, log);
        string text = log.GetLog();

        // Above the table BenchmarkDotNet describes the machine, once more for every table.
        output.WriteLine(text[text.IndexOf("\n|", StringComparison.Ordinal)..].Trim());
    }

    /// <summary>Measures every benchmark of a class.</summary>
    /// <exception cref="InvalidOperationException">One of them failed.</exception>
    public static Summary Run([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] Type benchmark, bool quick)
    {
        Job job = Job
            .Default.WithToolchain(InProcessNoEmitToolchain.Instance)
            .WithWarmupCount(quick ? 1 : 2)
            .WithIterationCount(quick ? 3 : 6)
            .WithMinIterationTime(TimeInterval.FromMilliseconds(quick ? 30 : 100));
        var log = new AccumulationLogger();
        Summary summary = BenchmarkRunner.Run(
            benchmark,
            ManualConfig
                .CreateEmpty()
                .AddJob(job)
                .AddColumnProvider(
                    DefaultColumnProviders.Descriptor,
                    DefaultColumnProviders.Params,
                    DefaultColumnProviders.Statistics,
                    DefaultColumnProviders.Metrics
                )
                .AddLogger(log)
                .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "attentionlab-benchmarks"))
                .WithOptions(ConfigOptions.DisableOptimizationsValidator)
        );
        return
            summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success) || summary.Reports.Length == 0
            ? throw new InvalidOperationException($"{benchmark.Name} failed:\n{log.GetLog()}")
            : summary;
    }
}
