using System.ComponentModel;
using System.Diagnostics;

namespace AttentionLab.Tests.Build;

/// <summary>
/// A checkout has the same bytes on every system: git gives every text LF, whatever the reader's settings, and touches nothing
/// else. A script with CRLF does not run, and golden texts and C#'s raw strings would differ.
/// </summary>
public sealed class LineEndTests
{
    [Fact]
    public void Every_text_is_checked_out_with_LF()
    {
        string[] lines = ListedByGit();
        Assert.All(
            lines.Where(line => !line.StartsWith("i/-text", StringComparison.Ordinal)),
            line =>
            {
                Assert.Matches("^i/(lf|none) ", line);
                Assert.Contains(" eol=lf", line, StringComparison.Ordinal);
            }
        );
        foreach (string kind in (string[])[".ci/run", ".sh", ".ipynb", ".cs", ".json", ".md", ".js", ".py"])
        {
            Assert.Contains(lines, line => line.TrimEnd().EndsWith(kind, StringComparison.Ordinal));
        }
    }

    // What looks like text only by chance, as a small file of weights may, would be changed if it were not named.
    [Fact]
    public void Weights_and_pictures_are_binary_by_their_names() =>
        Assert.All(
            ListedByGit().Where(line => line.StartsWith("i/-text", StringComparison.Ordinal)),
            line => Assert.Contains(" attr/-text ", line, StringComparison.Ordinal)
        );

    // Of each file: what the repository holds, what lies here, what .gitattributes says, the name.
    private static string[] ListedByGit()
    {
        Assert.SkipUnless(Path.Exists(Path.Combine(Fixture.Repository, ".git")), "No checkout of git, as in an archive of it.");
        try
        {
            using Process git = Process.Start(
                new ProcessStartInfo("git", "ls-files --eol")
                {
                    WorkingDirectory = Fixture.Repository,
                    RedirectStandardOutput = true,
                }
            )!;
            string[] lines = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            git.WaitForExit();
            Assert.SkipUnless(git.ExitCode == 0, "git does not read this checkout, as when another user owns it.");
            return lines;
        }
        catch (Win32Exception)
        {
            Assert.Skip("No git.");
            return [];
        }
    }
}
