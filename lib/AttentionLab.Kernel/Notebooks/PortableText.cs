namespace AttentionLab.Kernel.Notebooks;

/// <summary>Text without this machine's folders: paths in the notebook's repository start from the notebook.</summary>
internal sealed class PortableText
{
    private readonly List<(string Path, string Stead)> _places = [];

    public PortableText(string folder)
    {
        string path = Path.GetFullPath(folder),
            stead = ".";
        Add(path, stead);
        while (!IsRepository(path) && Path.GetDirectoryName(path) is { } above)
        {
            (path, stead) = (above, stead == "." ? ".." : $"../{stead}");
            if (Path.GetDirectoryName(path) is not null)
            {
                Add(path, stead);
            }

            if (IsRepository(path))
            {
                break;
            }
        }

        Add(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "~");
        Add(Path.GetTempPath(), "(temporary folder)");
    }

    /// <summary>The text with each folder replaced, longer ones first.</summary>
    public string Of(string text) =>
        _places
            .OrderByDescending(place => place.Path.Length)
            .Aggregate(text, (current, place) => current.Replace(place.Path, place.Stead, StringComparison.Ordinal));

    private void Add(string path, string stead)
    {
        path = path.TrimEnd(Path.DirectorySeparatorChar);
        if (path.Length > 1)
        {
            _places.Add((path, stead));
        }
    }

    private static bool IsRepository(string path) => Path.Exists(Path.Combine(path, ".git"));
}
