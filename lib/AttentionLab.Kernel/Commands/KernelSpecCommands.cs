using System.CommandLine;
using AttentionLab.Kernel.Jupyter;

namespace AttentionLab.Kernel.Commands;

/// <summary>The commands <c>install</c>, <c>uninstall</c> and <c>list</c>: how VS Code and Jupyter find the kernel.</summary>
internal static class KernelSpecCommands
{
    public const string InstallName = "install";
    public const string UninstallName = "uninstall";
    public const string ListName = "list";

    public const string Examples = """
        Examples:
          {program} install
              VS Code and Jupyter offer the kernel "C# (.NET 10)" to the current user

        """;

    private static readonly Option<bool> User = new("--user")
    {
        Description = "For the current user. This is what happens without --prefix.",
    };

    private static readonly Option<string?> Prefix = new("--prefix")
    {
        HelpName = "folder",
        Description = "For an environment, such as a Python virtual environment, instead of the current user.",
    };

    /// <summary>Writes the kernelspec.</summary>
    public static Command Install()
    {
        var force = new Option<bool>("--force")
        {
            Description = "Also when another program's kernel of the same name stands there.",
        };
        return Create(
            InstallName,
            "Installs the C# kernel for VS Code and Jupyter.",
            [User, Prefix, force],
            (parsed, output, error) =>
            {
                string kernels = Folder(parsed);
                if (KernelSpec.Find(kernels) is { IsOurs: false } other && !parsed.GetValue(force))
                {
                    error.WriteLine(
                        $"""
                        {other.Folder} holds another program's kernel, "{other.DisplayName}":
                            {string.Join(' ', other.Command)}
                        It was left as it is. `install --force` replaces it.
                        """
                    );
                    return ExitCode.Failed;
                }

                output.WriteLine(
                    $"Writing the kernelspec (kernel.json, a logo, plotly.min.js) to {Path.Combine(kernels, KernelSpec.Name)} …"
                );
                KernelSpec written = KernelSpec.Write(kernels);
                output.WriteLine($"Installed \"{written.DisplayName}\" in {written.Folder}. It starts");
                output.WriteLine($"    {string.Join(' ', written.Command)}");
                output.WriteLine("and so needs this build to stay where it is.");
                return 0;
            }
        );
    }

    /// <summary>Removes the kernelspec that <c>install</c> wrote.</summary>
    public static Command Uninstall() =>
        Create(
            UninstallName,
            "Removes the kernel that install installed.",
            [User, Prefix],
            (parsed, output, error) =>
            {
                string kernels = Folder(parsed);
                if (KernelSpec.Find(kernels) is not { } found)
                {
                    error.WriteLine($"There is no kernel {KernelSpec.Name} in {kernels}.");
                    return ExitCode.Failed;
                }

                if (!found.IsOurs)
                {
                    error.WriteLine(
                        $"{found.Folder} holds another program's kernel, \"{found.DisplayName}\". It was left as it is."
                    );
                    return ExitCode.Failed;
                }

                found.Delete();
                output.WriteLine(
                    Directory.Exists(found.Folder)
                        ? $"Removed the kernel. Other files in {found.Folder} were left."
                        : $"Removed {found.Folder}."
                );
                return 0;
            }
        );

    /// <summary>Shows the kernelspecs of this machine.</summary>
    public static Command List() =>
        Create(
            ListName,
            "Lists the kernels that VS Code and Jupyter find on this machine.",
            [Prefix],
            (parsed, output, _) =>
            {
                IEnumerable<string> places = parsed.GetValue(Prefix) is { } prefix
                    ? [JupyterFolders.Prefix(prefix)]
                    : JupyterFolders.All;
                KernelSpec[] found =
                [
                    .. places
                        .Distinct()
                        .Where(Directory.Exists)
                        .SelectMany(Directory.GetDirectories)
                        .Order(StringComparer.Ordinal)
                        .Select(folder => KernelSpec.Find(Path.GetDirectoryName(folder)!, Path.GetFileName(folder)))
                        .OfType<KernelSpec>(),
                ];
                foreach (KernelSpec spec in found)
                {
                    string note =
                        !spec.IsOurs ? ""
                        : spec.Command.Where(Path.IsPathRooted).All(File.Exists) ? "  (this program)"
                        : "  (this program, moved since: install again)";
                    output.WriteLine($"{Path.GetFileName(spec.Folder)}  \"{spec.DisplayName}\"  {spec.Folder}{note}");
                }

                if (found.Length == 0)
                {
                    output.WriteLine($"No kernel in {string.Join(", ", places)}. `install` installs this one.");
                }

                return 0;
            }
        );

    private static string Folder(ParseResult parsed) =>
        parsed.GetValue(Prefix) is { } prefix ? JupyterFolders.Prefix(prefix) : JupyterFolders.User;

    private static Command Create(
        string name,
        string description,
        IEnumerable<Option> options,
        Func<ParseResult, TextWriter, TextWriter, int> run
    )
    {
        var command = new Command(name, description);
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (command.Options.Contains(User) && result.GetValue(User) && result.GetValue(Prefix) is not null)
            {
                result.AddError("--user and --prefix exclude each other.");
            }
        });
        command.SetAction(parsed =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            try
            {
                return run(parsed, parsed.InvocationConfiguration.Output, error);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                error.WriteLine(e.Message);
                return ExitCode.Failed;
            }
        });
        return command;
    }
}
