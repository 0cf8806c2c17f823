using System.Diagnostics;
using System.Globalization;

namespace AttentionLab.Benchmarks.Processes;

/// <summary>How long the notebook kernel takes to start and to complete a name, and how a long session grows.</summary>
internal sealed class KernelTable : ITable
{
    private const int Starts = 6;
    private const int Early = 100; // cells; by then compiler and runtime hold what they hold for good
    private const int Middle = 300;
    private const int Late = 1000;
    private const int Completions = 21;
    private const double Megabyte = 1 << 20;

    public string Name => "kernel";

    public string Title => "The notebook kernel, in its own process, over its sockets";

    // By the clock, and the kernel's processor time.
    private readonly record struct Taken(TimeSpan Clock, TimeSpan Processor);

    public void Write(TextWriter output, bool quick)
    {
        Taken[] starts = [.. Enumerable.Range(0, quick ? Starts / 2 : Starts).Select(_ => FirstResult())];
        output.Heading("", "measured", "the kernel's processor time", "at most");
        Row("start to first result, the first start", starts[..1], 1, "s", "5 s");
        Row("start to first result, median of those after it", starts[1..], 1, "s", "2 s");

        using var session = new KernelSession();
        session.Execute("int x = 0; double Half(double a) => a / 2; record Point(int X, int Y);");
        Run(0, Early);
        double early = session.Memory / Megabyte;
        Run(Early, Middle);
        Taken[] completions = [.. Enumerable.Range(0, Completions).Select(Complete)];
        Row($"completion after {Middle} cells, the first", completions[..1], 1000, "ms", "");
        Row($"completion after {Middle} cells, median of those after it", completions[1..], 1000, "ms", "150 ms");
        int last = quick ? Middle : Late;
        Run(Middle, last);
        double late = session.Memory / Megabyte;
        output.Row($"memory after {Early} cells", $"{early:f0} MB", "", "");
        output.Row($"memory after {last} cells", $"{late:f0} MB", "", "");
        output.Row("growth", $"{(late / early) - 1:p0}", "", "30 %");

        // Cells that declare, call, compute and show, and change what earlier ones declared.
        void Run(int from, int to)
        {
            for (int i = from; i < to; i++)
            {
                string shown = session.Execute(
                    $"x++; var p{i % 20} = new Point({i}, x); for (int k = 0; k < x; k++) Half(k); $\"{{p{i % 20}.Y}}\""
                );
                if (shown != $"{i + 1}")
                {
                    throw new InvalidOperationException($"Cell {i + 1} shows {shown}.");
                }
            }
        }

        Taken Complete(int i)
        {
            TimeSpan before = session.ProcessorTime;
            var watch = Stopwatch.StartNew();
            string[] found = session.Complete($"var q = p{i % 20}.");
            var taken = new Taken(watch.Elapsed, session.ProcessorTime - before);
            return found.Contains("Deconstruct")
                ? taken
                : throw new InvalidOperationException($"Not among what a record offers: Deconstruct; found {found.Length}.");
        }

        void Row(string what, Taken[] all, double perSecond, string unit, string most)
        {
            output.Row(what, Median(taken => taken.Clock), Median(taken => taken.Processor), most);

            string Median(Func<Taken, TimeSpan> time)
            {
                double median = all.Select(taken => time(taken).TotalSeconds * perSecond).Median();
                return $"{median.ToString(perSecond == 1 ? "f2" : "f0", CultureInfo.InvariantCulture)} {unit}";
            }
        }
    }

    private static Taken FirstResult()
    {
        var watch = Stopwatch.StartNew();
        using var session = new KernelSession();
        string shown = session.Execute("1 + 1");
        var taken = new Taken(watch.Elapsed, session.ProcessorTime);
        return shown == "2" ? taken : throw new InvalidOperationException($"1 + 1 shows {shown}.");
    }
}
