using System.Text;
using System.Text.RegularExpressions;

namespace AttentionLab.Kernel.Notebooks;

/// <summary>Text files that are there whole or not at all: written beside their place and renamed into it.</summary>
internal static partial class WholeFile
{
    private const string Partial = ".partial";
    private const int Tries = 10;
    private static readonly EnumerationOptions Everywhere = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.ReparsePoint, // hidden files are found; the default skips them
    };

    /// <summary>Writes or replaces a file, UTF-8.</summary>
    /// <exception cref="IOException">It cannot be written. Nothing is left, and an older file stays as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string path, string text)
    {
        string partial = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}{Partial}");
        try
        {
            File.WriteAllText(partial, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            Rename(partial, path);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>
    /// Deletes what processes that were killed left in a folder and those below it. Nobody else may write there now.
    /// </summary>
    public static void ClearPartial(string folder)
    {
        foreach (string left in Directory.EnumerateFiles(folder, $".*{Partial}", Everywhere))
        {
            if (PartialName().IsMatch(Path.GetFileName(left)))
            {
                File.Delete(left);
            }
        }
    }

    // Windows refuses for a moment while another program, a virus scanner for one, has the old file open.
    private static void Rename(string partial, string path)
    {
        for (int again = 1; ; again++)
        {
            try
            {
                File.Move(partial, path, overwrite: true);
                return;
            }
            catch (Exception e)
                when (OperatingSystem.IsWindows() && again < Tries && e is IOException or UnauthorizedAccessException)
            {
                Thread.Sleep(100);
            }
        }
    }

    [GeneratedRegex(@"^\..+\.[0-9a-f]{32}\.partial$")]
    private static partial Regex PartialName();
}
