using System.CommandLine;
using System.Globalization;
using AttentionLab.Kernel.Html;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Workers;

namespace AttentionLab.Kernel.Commands;

/// <summary>The command <c>run</c>: executes notebooks and writes them, with a page to read for each.</summary>
internal static class RunCommand
{
    public const string Name = "run";

    public const string Examples = """
        Examples:
          {program} run notebooks
              every notebook of the folder, in the order of their names; results under artifacts/notebooks
          {program} run notebooks/03-training-in-the-open.ipynb --set epochs=10
              one notebook, with other values for variables of its cell tagged "parameters"
          {program} run notebooks --data /data/cifar10 --out /tmp/course
              data from one folder, results into another

          {program} run notebooks --set picturesFrom=shapes --commit
              the notebooks themselves get the outputs, as a course's pages on GitHub show them: without times, folders of this
              machine and scripts; those of a notebook that fails are left as they were
          {program} run notebooks --allow-errors --cell-timeout 600
              cells that fail do not stop their notebook; a cell that takes longer than ten minutes does

        Tags of a cell: "parameters" (--set changes its variables), "raises-exception" (may fail), "skip-execution" (is passed
        over), "timing" (--commit stores no numbers of it).
        Exit codes: 0 every cell ran, 1 a notebook failed or results could not be written, 2 wrong usage, 130 stopped by
        Ctrl+C, 143 by SIGTERM.

        """;

    private const string DefaultOut = "artifacts/notebooks";
    private const string DataParameter = "dataRoot";

    /// <summary>The command with its options.</summary>
    /// <param name="compress">Makes a PNG file smaller, for <c>--commit</c>.</param>
    public static Command Create(Func<byte[], byte[]> compress)
    {
        var inputs = new Argument<string[]>("notebooks")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "Notebooks (.ipynb, .dib), or folders of them.",
        };
        var set = new Option<string[]>("--set")
        {
            HelpName = "name=value",
            Description = "Another value for a variable of the cell tagged \"parameters\". May be given several times.",
        };
        var data = new Option<string?>("--data")
        {
            HelpName = "folder",
            Description = $"Where data lies: the value for the parameter {DataParameter}.",
        };
        var output = new Option<string?>("--out")
        {
            HelpName = "folder",
            Description = $"Where executed notebooks and pages are written. [default: {DefaultOut}]",
        };
        var allowErrors = new Option<bool>("--allow-errors")
        {
            Description = "Run the cells after one that failed too; how many failed is reported, and the run succeeds.",
        };
        var commit = new Option<bool>("--commit")
        {
            Description = "Store the outputs in the notebooks themselves too, cleaned, so that a second run stores the same.",
        };
        var timeout = new Option<double?>("--cell-timeout")
        {
            HelpName = "seconds",
            Description = "Stop a notebook whose cell takes longer. [default: no limit]",
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (
                    double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds)
                    && seconds is > 0 and < 1e6
                )
                {
                    return seconds;
                }

                result.AddError($"--cell-timeout takes a number of seconds above 0, as 0.5 or 600; \"{text}\" is not one.");
                return null;
            },
        };
        var command = new Command(Name, "Runs notebooks; writes executed notebooks and a page to read for each.")
        {
            inputs,
            set,
            data,
            output,
            allowErrors,
            timeout,
            commit,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                InvocationConfiguration streams = parsed.InvocationConfiguration;
                try
                {
                    await using var workers = new NextWorker(WorkerCommand.StartInfo);
                    string path = Path.GetFullPath(parsed.GetValue(output) ?? DefaultOut);
                    List<PlannedRun> plan = Plan(parsed.GetValue(inputs)!, path);
                    workers.Prepare();
                    Inject(plan, parsed.GetValue(set) ?? [], parsed.GetValue(data));
                    using var folder = new ResultFolder(path);
                    TimeSpan? limit = parsed.GetValue(timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
                    var options = new RunOptions(parsed.GetValue(allowErrors), limit)
                    {
                        Store = parsed.GetValue(commit) ? new StoredOutputs(compress) : null,
                    };
                    return await RunAsync(plan, folder, options, workers, streams, cancellationToken).ConfigureAwait(false);
                }
                catch (ParameterException e)
                {
                    await streams.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
                    return ExitCode.Usage;
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    await streams.Error.WriteLineAsync($"Results cannot be written. {e.Message}").ConfigureAwait(false);
                    return ExitCode.Failed;
                }
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(
        List<PlannedRun> plan,
        ResultFolder folder,
        RunOptions options,
        NextWorker workers,
        InvocationConfiguration streams,
        CancellationToken cancellationToken
    )
    {
        await RunProgress
            .ShowAsync(
                streams.Output,
                [.. plan.Select(planned => planned.Notebook).OfType<Notebook>()],
                progress => RunAllAsync(plan, folder, options, workers, progress, cancellationToken)
            )
            .ConfigureAwait(false);

        string[] problems = [.. plan.Select(planned => planned.Problem).OfType<string>()];
        foreach (string problem in problems)
        {
            await streams.Error.WriteLineAsync(problem).ConfigureAwait(false);
        }

        await streams.Output.WriteLineAsync($"Results: {Path.Combine(folder.Path, IndexPage.FileName)}").ConfigureAwait(false);
        return cancellationToken.IsCancellationRequested ? ExitCode.Stopped
            : problems.Length > 0 ? ExitCode.Failed
            : 0;
    }

    private static async Task RunAllAsync(
        List<PlannedRun> plan,
        ResultFolder folder,
        RunOptions options,
        NextWorker workers,
        RunProgress progress,
        CancellationToken cancellationToken
    )
    {
        WriteIndex(); // a place that takes no results is known before the work is done
        var pages = new PageSet(folder.Path, plan);
        PlannedRun[] runnable = [.. plan.Where(planned => planned.Notebook is not null)];
        foreach (PlannedRun planned in runnable)
        {
            Notebook notebook = planned.Notebook!;
            if (cancellationToken.IsCancellationRequested)
            {
                planned.Obstacle = $"{notebook.Name}: not run.";
                continue;
            }

            progress.Begin(notebook);
            await using (WorkerProcess worker = workers.Take())
            {
                if (planned != runnable[^1])
                {
                    workers.Prepare();
                }

                planned.Run = await NotebookRunner
                    .RunAsync(notebook, worker, options, number => progress.Cell(notebook, number), cancellationToken)
                    .ConfigureAwait(false);
            }

            await SaveAsync(planned, folder, pages).ConfigureAwait(false);
            Store(planned, options.Store);
            progress.End(planned.Run);
            WriteIndex();
        }

        WriteIndex();

        void WriteIndex() => folder.Write(Path.Combine(folder.Path, IndexPage.FileName), IndexPage.Of(folder.Path, plan));
    }

    // The page first: a notebook with a page beside it is known as a result and may be replaced by the next run's.
    internal static async Task SaveAsync(PlannedRun planned, ResultFolder folder, PageSet pages)
    {
        try
        {
            (string html, bool hasChart) = await DrawAsync(planned, pages).ConfigureAwait(false);
            if (hasChart && !File.Exists(pages.PlotlyPath))
            {
                folder.Write(pages.PlotlyPath, HtmlPage.PlotlyScript());
            }

            folder.Write(planned.Page, html);
            folder.Write(planned.Target, planned.Notebook!.ToJson());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            planned.Obstacle = $"{planned.Notebook!.Name}: the result could not be written to {planned.Target}. {e.Message}";
        }
    }

    // A page that cannot be drawn says so: the outputs, an hour's work perhaps, are kept whatever it met.
    private static async Task<(string Html, bool HasChart)> DrawAsync(PlannedRun planned, PageSet pages)
    {
        try
        {
            return await HtmlPage.OfAsync(planned, pages).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (IOException or UnauthorizedAccessException))
        {
            Notebook notebook = planned.Notebook!;
            planned.Obstacle = $"{notebook.Name}: its page could not be drawn; the outputs are in {planned.Target}. {e}";
            return (HtmlPage.Frame(notebook.Title, $"<main><pre>{HtmlPage.Encode(planned.Obstacle)}</pre></main>"), false);
        }
    }

    private static void Store(PlannedRun planned, StoredOutputs? stored)
    {
        if (stored is null || !planned.Run!.Succeeded || planned.Run.FailedCells > 0)
        {
            return;
        }

        try
        {
            stored.Write(planned.Notebook!);
        }
        catch (Exception e) when (e is NotebookFormatException or IOException or UnauthorizedAccessException)
        {
            planned.Obstacle = e.Message;
        }
    }

    private static List<PlannedRun> Plan(IEnumerable<string> inputs, string folder)
    {
        string[] paths = [.. inputs.SelectMany(Expand).Distinct()];
        return [.. paths.Zip(ResultPlaces.Of(paths, folder), PlannedRun.Read)];
    }

    private static string[] Expand(string input)
    {
        string path = Path.GetFullPath(input);
        if (File.Exists(path))
        {
            return [path];
        }

        if (!Directory.Exists(path))
        {
            throw new ParameterException($"{path} does not exist: name a notebook or a folder of notebooks.");
        }

        return Notebook.FilesIn(path) is { Length: > 0 } found
            ? found
            : throw new ParameterException($"The folder {path} holds no notebook (*.ipynb, *.dib){InFolders(path)}.");
    }

    /// <summary>Where notebooks lie instead, one level deeper.</summary>
    private static string InFolders(string path)
    {
        const int named = 5;
        EnumerationOptions readable = new(); // passes over hidden folders and those that may not be read
        string[] folders =
        [
            .. new DirectoryInfo(path)
                .EnumerateDirectories("*", readable)
                .Where(folder => folder.EnumerateFiles("*", readable).Any(file => Notebook.IsFile(file.Name)))
                .Select(folder => folder.Name)
                .Order(StringComparer.Ordinal)
                .Take(named + 1),
        ];
        return folders.Length == 0
            ? ""
            : $"; its folders do: name {string.Join(", ", folders.Take(named))}{(folders.Length > named ? ", …" : "")}";
    }

    private static void Inject(List<PlannedRun> plan, string[] set, string? data)
    {
        Parameters[] parameters =
        [
            .. plan.Select(planned => planned.Notebook).OfType<Notebook>().Select(notebook => new Parameters(notebook)),
        ];
        string[] known = [.. parameters.SelectMany(each => each.Names).Distinct()];
        var values = new Dictionary<string, string>();
        foreach (string text in set)
        {
            if (text.Split('=', 2) is not [{ Length: > 0 } name, string value])
            {
                throw new ParameterException($"--set {text}: write it as name=value.");
            }

            values[name] = known.Contains(name)
                ? value
                : throw new ParameterException(
                    known.Length == 0
                        ? $"--set {name}: no notebook here has a cell tagged \"{Parameters.Tag}\"."
                        : $"--set {name}: no notebook here has a parameter of that name. There are: {string.Join(", ", known)}."
                );
        }

        if (data is not null)
        {
            values[DataParameter] = Directory.Exists(data)
                ? Path.GetFullPath(data)
                : throw new ParameterException($"--data: the folder {Path.GetFullPath(data)} does not exist.");
        }

        foreach (Parameters each in parameters)
        {
            each.Inject(values);
        }
    }
}
