namespace AttentionLab.Cookbook;

/// <summary>Finds <c>data/trained</c> in a folder above the assembly, or above the current folder.</summary>
internal static class TrainedWeights
{
    private static readonly string Folder = Path.Combine("data", "trained");

    public static string Find(string name) =>
        Above(AppContext.BaseDirectory)
            .Concat(Above(Environment.CurrentDirectory))
            .Select(folder => Path.Combine(folder, Folder, name))
            .FirstOrDefault(File.Exists)
        ?? throw new FileNotFoundException(
            $"There is no {Path.Combine(Folder, name)} in a folder above {AppContext.BaseDirectory} or "
                + $"{Environment.CurrentDirectory}. Start from a checkout of AttentionLab, which has it."
        );

    private static IEnumerable<string> Above(string folder)
    {
        for (DirectoryInfo? above = new(folder); above is not null; above = above.Parent)
        {
            yield return above.FullName;
        }
    }
}
