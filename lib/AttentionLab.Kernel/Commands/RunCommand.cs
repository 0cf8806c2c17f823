using System.CommandLine;
using AttentionLab.Kernel.Html;
using AttentionLab.Kernel.Notebooks;

namespace AttentionLab.Kernel.Commands;

/// <summary>The command <c>run</c>: executes notebooks and writes them, with a page to read for each.</summary>
internal static class RunCommand
{
    public const string Name = "run";

    public const string Examples = """
        Examples:
          {program} run notebooks
              every notebook of the folder, in the order of their names; results under artifacts/notebooks
          {program} run notebooks/02-training.ipynb --set epochs=10 --set name=se
              one notebook, with other values for variables of its cell tagged "parameters"
          {program} run notebooks --data /data/cifar10 --out /tmp/course
              data from one folder, results into another

        Exit codes: 0 every cell ran, 1 a notebook failed, 2 wrong usage, 130 stopped by Ctrl+C.

        """;

    private const string DefaultOut = "artifacts/notebooks";
    private const string DataParameter = "dataRoot";

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var inputs = new Argument<string[]>("notebooks")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "Notebooks (.ipynb), or folders of them.",
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
        var command = new Command(Name, "Runs notebooks; writes executed notebooks and a page to read for each.")
        {
            inputs,
            set,
            data,
            output,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                InvocationConfiguration streams = parsed.InvocationConfiguration;
                try
                {
                    string folder = Path.GetFullPath(parsed.GetValue(output) ?? DefaultOut);
                    List<PlannedRun> plan = Plan(
                        parsed.GetValue(inputs)!,
                        folder,
                        mayOverwrite: parsed.GetValue(output) is not null
                    );
                    Inject(plan, parsed.GetValue(set) ?? [], parsed.GetValue(data));
                    Directory.CreateDirectory(folder);
                    return await RunAsync(plan, folder, streams.Output, streams.Error, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (e is ParameterException or IOException or UnauthorizedAccessException)
                {
                    await streams.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
                    return ExitCode.Usage;
                }
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(
        List<PlannedRun> plan,
        string folder,
        TextWriter output,
        TextWriter error,
        CancellationToken cancellationToken
    )
    {
        await RunProgress
            .ShowAsync(
                output,
                [.. plan.Select(planned => planned.Notebook).OfType<Notebook>()],
                async progress =>
                {
                    foreach (PlannedRun planned in plan.TakeWhile(_ => !cancellationToken.IsCancellationRequested))
                    {
                        if (planned.Notebook is { } notebook)
                        {
                            progress.Begin(notebook);
                            planned.Run = await NotebookRunner
                                .RunAsync(notebook, number => progress.Cell(notebook, number), cancellationToken)
                                .ConfigureAwait(false);
                            notebook.Save(planned.Target);
                            HtmlPage.Write(planned.Run, planned.Page);
                            progress.End(planned.Run);
                        }

                        IndexPage.Write(folder, plan);
                    }
                }
            )
            .ConfigureAwait(false);

        string[] problems = [.. plan.Select(planned => planned.Problem).OfType<string>()];
        foreach (string problem in problems)
        {
            await error.WriteLineAsync(problem).ConfigureAwait(false);
        }

        await output.WriteLineAsync($"Results: {Path.Combine(folder, IndexPage.FileName)}").ConfigureAwait(false);
        return cancellationToken.IsCancellationRequested ? ExitCode.Stopped
            : problems.Length > 0 ? ExitCode.Failed
            : 0;
    }

    // Results lie below the output folder as their notebooks do below the folder that all of these share.
    private static List<PlannedRun> Plan(IEnumerable<string> inputs, string folder, bool mayOverwrite)
    {
        string[] paths = [.. inputs.SelectMany(Expand).Distinct()];
        string common = Path.GetDirectoryName(paths[0])!;
        while (
            paths.Any(path => Path.GetRelativePath(common, path).StartsWith("..", StringComparison.Ordinal))
            && Path.GetDirectoryName(common) is { } parent
        )
        {
            common = parent;
        }

        var plan = new List<PlannedRun>();
        foreach (string path in paths)
        {
            string target = Path.Combine(folder, Path.GetRelativePath(common, path));
            if (string.Equals(target, path, StringComparison.OrdinalIgnoreCase) && !mayOverwrite)
            {
                throw new ParameterException($"{path} would be overwritten by its own result. Name a folder with --out.");
            }

            try
            {
                plan.Add(new PlannedRun(target, Notebook.Read(path)));
            }
            catch (NotebookFormatException e)
            {
                plan.Add(new PlannedRun(target, null, e.Message));
            }
        }

        return plan;
    }

    private static string[] Expand(string input)
    {
        string path = Path.GetFullPath(input);
        return File.Exists(path) ? [path]
            : !Directory.Exists(path) ? throw new ParameterException($"There is no notebook and no folder {path}.")
            : Directory.GetFiles(path, "*.ipynb") is { Length: > 0 } found ? [.. found.Order(StringComparer.Ordinal)]
            : throw new ParameterException($"The folder {path} holds no notebook (*.ipynb).");
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
                : throw new ParameterException($"--data: there is no folder {Path.GetFullPath(data)}.");
        }

        foreach (Parameters each in parameters)
        {
            each.Inject(values);
        }
    }
}
