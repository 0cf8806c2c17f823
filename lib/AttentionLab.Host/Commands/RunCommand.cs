using System.CommandLine;
using AttentionLab.Host.Notebooks;
using AttentionLab.Host.Pages;
using AttentionLab.Host.Running;

namespace AttentionLab.Host.Commands;

/// <summary>The command <c>run</c>: executes notebooks and writes them, with a page to read for each.</summary>
internal sealed class RunCommand
{
    public const string Examples = """
        Examples:
          dotnet run --project lib/AttentionLab.Host -- run notebooks
              every notebook of the folder, in the order of their names; results under artifacts/notebooks
          dotnet run --project lib/AttentionLab.Host -- run notebooks/02-training.ipynb --set epochs=10 --set optimizer=sgd
              one notebook, with other values for variables of its cell tagged "parameters"
          dotnet run --project lib/AttentionLab.Host -- run notebooks --data /data/cifar10 --out /tmp/course
              data from another folder, results into another

        Exit codes: 0 every cell ran, 1 a notebook failed, 2 wrong usage, 130 stopped by Ctrl+C.

        """;

    private const string DefaultOut = "artifacts/notebooks";
    private const string DataParameter = "dataRoot";

    private readonly List<(Notebook? Notebook, string Target, string? Unreadable)> _plan = [];
    private readonly TextWriter _error;

    private RunCommand(TextWriter error) => _error = error;

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var inputs = new Argument<string[]>("notebooks") { Arity = ArgumentArity.OneOrMore, Description = "Notebooks (.ipynb), or folders of them." };
        var set = new Option<string[]>("--set")
        {
            HelpName = "name=value",
            Description = "Another value for a variable of the cell tagged \"parameters\". May be given several times.",
        };
        var data = new Option<string?>("--data") { HelpName = "folder", Description = $"Where data lies: the value for the parameter {DataParameter}." };
        var output = new Option<string?>("--out") { HelpName = "folder", Description = $"Where executed notebooks and pages are written. [default: {DefaultOut}]" };
        var command = new Command("run", "Runs notebooks; writes executed notebooks and a page to read for each.") { inputs, set, data, output };
        command.SetAction((parsed, cancellationToken) => new RunCommand(parsed.InvocationConfiguration.Error).InvokeAsync(
            parsed.GetValue(inputs)!, parsed.GetValue(set) ?? [], parsed.GetValue(data), parsed.GetValue(output), parsed.InvocationConfiguration.Output, cancellationToken));
        return command;
    }

    private async Task<int> InvokeAsync(string[] inputs, string[] set, string? data, string? output, TextWriter console, CancellationToken cancellationToken)
    {
        string folder = Path.GetFullPath(output ?? DefaultOut);
        try
        {
            Plan(inputs, folder, mayOverwrite: output is not null);
            Inject(set, data);
        }
        catch (ParameterException e)
        {
            await _error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return CommandLine.Usage;
        }

        var entries = new List<IndexPage.Entry>();
        var problems = new List<string>();
        await RunProgress.ShowAsync(console, [.. _plan.Select(item => item.Notebook).OfType<Notebook>()], async progress =>
        {
            foreach ((Notebook? notebook, string target, string? unreadable) in _plan)
            {
                if (notebook is null)
                {
                    problems.Add(unreadable!);
                    entries.Add(new(target, Path.GetFileName(target), null, "failed", unreadable));
                    continue;
                }

                if (cancellationToken.IsCancellationRequested)
                {
                    break;
                }

                progress.Begin(notebook);
                NotebookRun run = await NotebookRunner.RunAsync(notebook, number => progress.Cell(notebook, number), cancellationToken).ConfigureAwait(false);
                notebook.Save(target);
                HtmlPage.Write(run, Path.ChangeExtension(target, ".html"));
                string? problem = run.Error is { } error ? $"{notebook.Name}, {error.Location}: {error.Name}: {error.Message}"
                    : run.Cancelled ? $"{notebook.Name}: stopped" : null;
                entries.Add(new(target, notebook.Title, run.Elapsed, run.Status, problem));
                IndexPage.Write(folder, entries);
                progress.End(run);
                if (problem is not null)
                {
                    problems.Add(problem);
                }
            }

            IndexPage.Write(folder, entries);
        }).ConfigureAwait(false);

        foreach (string problem in problems)
        {
            await _error.WriteLineAsync(problem).ConfigureAwait(false);
        }

        await console.WriteLineAsync($"Results: {Path.Combine(folder, IndexPage.FileName)}").ConfigureAwait(false);
        return cancellationToken.IsCancellationRequested ? CommandLine.Stopped : problems.Count > 0 ? CommandLine.Failed : 0;
    }

    // Reads what is to be run, and says where each result goes: below the output folder as the inputs lie below their common one.
    private void Plan(string[] inputs, string folder, bool mayOverwrite)
    {
        var paths = new List<string>();
        foreach (string input in inputs.Select(Path.GetFullPath))
        {
            if (File.Exists(input))
            {
                paths.Add(input);
                continue;
            }

            if (!Directory.Exists(input))
            {
                throw new ParameterException($"There is no notebook and no folder {input}.");
            }

            string[] found = [.. Directory.GetFiles(input, "*.ipynb").Order(StringComparer.Ordinal)];
            if (found.Length == 0)
            {
                throw new ParameterException($"The folder {input} holds no notebook (*.ipynb).");
            }

            paths.AddRange(found);
        }

        paths = [.. paths.Distinct()];
        string common = Path.GetDirectoryName(paths[0])!;
        while (Path.GetDirectoryName(common) is { } parent && paths.Any(path => Path.GetRelativePath(common, path).StartsWith("..", StringComparison.Ordinal)))
        {
            common = parent;
        }

        foreach (string path in paths)
        {
            string target = Path.Combine(folder, Path.GetRelativePath(common, path));
            if (target == path && !mayOverwrite)
            {
                throw new ParameterException($"{path} would be overwritten by its own result. Name a folder with --out.");
            }

            try
            {
                _plan.Add((Notebook.Read(path), target, null));
            }
            catch (NotebookFormatException e)
            {
                _plan.Add((null, target, e.Message));
            }
        }
    }

    private void Inject(string[] set, string? data)
    {
        var values = new Dictionary<string, string>();
        foreach (string text in set)
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            values[equals > 0 ? text[..equals].Trim() : throw new ParameterException($"--set {text}: write it as name=value.")] = text[(equals + 1)..];
        }

        Parameters[] parameters = [.. _plan.Where(item => item.Notebook is not null).Select(item => new Parameters(item.Notebook!))];
        string[] known = [.. parameters.SelectMany(p => p.Names).Distinct()];
        if (values.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
        {
            throw new ParameterException(known.Length == 0
                ? $"--set {unknown}: no notebook here has a cell tagged \"{Parameters.Tag}\"."
                : $"--set {unknown}: no notebook here has a parameter of that name. There are: {string.Join(", ", known)}.");
        }

        if (data is not null)
        {
            values[DataParameter] = Directory.Exists(data) ? Path.GetFullPath(data) : throw new ParameterException($"--data: there is no folder {Path.GetFullPath(data)}.");
        }

        foreach (Parameters each in parameters)
        {
            each.Inject(values);
        }
    }
}
