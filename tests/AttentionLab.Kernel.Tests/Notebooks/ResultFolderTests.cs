using System.Globalization;
using System.Text.Json.Nodes;
using AttentionLab.Kernel.Commands;
using AttentionLab.Kernel.Html;
using AttentionLab.Kernel.Notebooks;

namespace AttentionLab.Kernel.Tests.Notebooks;

public sealed class ResultFolderTests
{
    [Fact]
    public void One_run_holds_the_folder_and_the_next_says_which()
    {
        using var workspace = new Workspace();
        using (var first = new ResultFolder(workspace.Out))
        {
            Assert.Single(Directory.GetFiles(workspace.Out));
            File.Move(Directory.GetFiles(workspace.Out)[0], workspace.At("out/.run-1234.lock"));
            Assert.Contains(
                "Another run (process 1234) is writing to",
                Assert.Throws<IOException>(() => new ResultFolder(workspace.Out)).Message,
                StringComparison.Ordinal
            );
            first.Write(workspace.At("out/a.html"), "page");
        }

        File.Delete(workspace.At("out/.run-1234.lock"));
        using (new ResultFolder(workspace.Out)) { }

        Assert.Equal(["a.html"], Directory.GetFiles(workspace.Out).Select(Path.GetFileName));
    }

    [Fact]
    public void What_a_killed_run_left_is_cleared()
    {
        using var workspace = new Workspace();
        workspace.Write("out/.run-99999.lock", "");
        workspace.Write("out/.a.html.0123456789abcdef0123456789abcdef.partial", "half");
        workspace.Write("out/below/.b.html.fedcba9876543210fedcba9876543210.partial", "half of one that is not written again");
        workspace.Write("out/.mine.partial", "not ours");
        using (var folder = new ResultFolder(workspace.Out))
        {
            folder.Write(workspace.At("out/a.html"), "whole");
        }

        Assert.Equal([".mine.partial", "a.html"], Directory.GetFiles(workspace.Out).Select(Path.GetFileName).Order());
        Assert.Empty(Directory.GetFiles(workspace.At("out/below")));
        Assert.Equal("whole", File.ReadAllText(workspace.At("out/a.html")));
    }

    [Fact]
    public async Task Outputs_are_kept_though_their_page_cannot_be_drawn()
    {
        using var workspace = new Workspace();
        workspace.Notebook("a.ipynb", "1 + 1");
        PlannedRun planned = PlannedRun.Read(workspace.At("a.ipynb"), workspace.At("out/a.ipynb"));
        planned
            .Notebook!.CodeCells.Single()
            .Outputs.Add(JsonNode.Parse("""{"output_type":"stream","name":"stdout","text":"2"}"""));
        using (var folder = new ResultFolder(workspace.Out))
        {
            await RunCommand.SaveAsync(planned, folder, new PageSet(workspace.Out, [planned])); // no run, so no page
        }

        Assert.Equal("2", (string?)workspace.Outputs("a.ipynb", 1)[0]!["text"]);
        Assert.StartsWith("a.ipynb: its page could not be drawn; the outputs are in ", planned.Problem, StringComparison.Ordinal);
        Assert.Contains("its page could not be drawn", File.ReadAllText(planned.Page), StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_made_for_results_go_when_there_are_none()
    {
        using var workspace = new Workspace();
        using (new ResultFolder(workspace.At("x/y/z"))) { }

        Assert.False(Directory.Exists(workspace.At("x")));
    }

    [Fact]
    public async Task A_place_that_takes_no_results_is_a_failure_and_nothing_is_left()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc is Linux's.");
        using var workspace = new Workspace();
        workspace.Notebook("a.ipynb", "1");
        workspace.Write("file", "in the way");
        foreach (string place in (string[])["/proc/results", "/proc/self", workspace.At("file/results")])
        {
            Assert.Equal(ExitCode.Failed, await workspace.Run("run", workspace.At("a.ipynb"), "--out", place));
            Assert.Contains("Results cannot be written", workspace.Error, StringComparison.Ordinal);
        }

        Assert.Equal("in the way", await File.ReadAllTextAsync(workspace.At("file"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_full_disk_is_a_failure_and_nothing_half_is_left()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Needs to mount a small disk.");
        using var workspace = new Workspace();
        string disk = workspace.At("disk");
        Directory.CreateDirectory(disk);
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=64k", "none", disk), "No disk can be mounted here.");
        try
        {
            workspace.Notebook("a.ipynb", "1", "new string('x', 300_000)");
            workspace.Notebook("b.ipynb", "40 + 2");
            int code = await workspace.Run("run", workspace.At("a.ipynb"), workspace.At("b.ipynb"), "--out", disk);
            Assert.Equal(ExitCode.Failed, code);
            Assert.Contains("a.ipynb: the result could not be written to", workspace.Error, StringComparison.Ordinal);
            Assert.Equal(["b.html", "b.ipynb", "index.html"], Directory.GetFiles(disk).Select(Path.GetFileName).Order());

            string free = string.Create(CultureInfo.InvariantCulture, $"{new DriveInfo(disk).AvailableFreeSpace}");
            Assert.True(Run("sh", "-c", $"head -c {free} /dev/zero > '{disk}/full'; exit 0"));
            Assert.Equal(
                ExitCode.Failed,
                await workspace.Run("run", workspace.At("b.ipynb"), "--out", Path.Combine(disk, "new"))
            );
            Assert.Contains("Results cannot be written", workspace.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(Path.Combine(disk, "new")));
        }
        finally
        {
            Run("umount", disk);
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardError = true }
        )!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
