using BenchmarkDotNet.Reports;
using TorchSharp;

namespace AttentionLab.Benchmarks.Micro;

/// <summary>What an explanation of a picture costs, method by method.</summary>
internal sealed class MethodsTable : ITable
{
    public string Name => "methods";

    public string Title => "Explanation methods, network with attention, milliseconds a picture, one core";

    public void Write(TextWriter output, bool quick)
    {
        torch.set_num_threads(1);
        MethodBenchmark.Batches = quick ? [1] : [1, 64];
        Summary summary = MicroTable.Run(typeof(MethodBenchmark), quick);
        output.Heading(["method", .. MethodBenchmark.Batches.Select(size => $"batch {size}")]);
        foreach (
            IGrouping<string, BenchmarkReport> method in summary.Reports.GroupBy(report =>
                (string)Parameter(report, nameof(MethodBenchmark.Method))
            )
        )
        {
            output.Row([
                method.Key,
                .. method.OrderBy(Batch).Select(report => $"{report.ResultStatistics!.Mean / 1e6 / Batch(report):f2}"),
            ]);
        }

        static int Batch(BenchmarkReport report) => (int)Parameter(report, nameof(MethodBenchmark.Batch));
        static object Parameter(BenchmarkReport report, string name) => report.BenchmarkCase.Parameters[name];
    }
}
