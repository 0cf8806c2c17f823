namespace AttentionLab.Kernel.Jupyter;

/// <summary>Where Jupyter looks for kernelspecs.</summary>
internal static class JupyterFolders
{
    /// <summary>The current user's kernelspecs.</summary>
    public static string User => Path.Combine(UserData(), "kernels");

    /// <summary>The kernelspecs of an environment: a Python installation, a virtual environment, /usr/local.</summary>
    public static string Prefix(string folder) => Path.Combine(Path.GetFullPath(folder), "share", "jupyter", "kernels");

    /// <summary>All places known without asking Python, in the order in which Jupyter looks.</summary>
    public static IEnumerable<string> All =>
        [
            .. (Variable("JUPYTER_PATH") ?? "")
                .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
                .Select(folder => Path.Combine(folder, "kernels")),
            User,
            .. OperatingSystem.IsWindows()
                ? new[]
                {
                    Path.Combine(
                        Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData),
                        "jupyter",
                        "kernels"
                    ),
                }
                : [Prefix("/usr/local"), Prefix("/usr")],
        ];

    private static string UserData()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Variable("JUPYTER_DATA_DIR") is { } given ? Path.GetFullPath(given)
            : OperatingSystem.IsWindows()
                ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "jupyter")
            : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Jupyter")
            : Path.Combine(Variable("XDG_DATA_HOME") ?? Path.Combine(home, ".local", "share"), "jupyter");
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
