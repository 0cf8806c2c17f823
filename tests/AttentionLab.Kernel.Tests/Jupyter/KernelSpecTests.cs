using System.Text.Json.Nodes;
using AttentionLab.Kernel.Commands;
using AttentionLab.Kernel.Jupyter;

namespace AttentionLab.Kernel.Tests.Jupyter;

public sealed class KernelSpecTests
{
    [Fact]
    public async Task Install_writes_a_kernelspec_that_starts_this_program_and_uninstall_removes_it()
    {
        using var workspace = new Workspace();
        string folder = workspace.At("share/jupyter/kernels/.net-csharp");

        Assert.Equal(0, await workspace.Run("install", "--prefix", workspace.Folder));

        JsonNode spec = JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(folder, "kernel.json"), TestContext.Current.CancellationToken)
        )!;
        string[] command = [.. spec["argv"]!.AsArray().Select(word => (string)word!)];
        Assert.Equal("dotnet", Path.GetFileNameWithoutExtension(command[0]));
        Assert.Equal(["exec", "--runtimeconfig"], command[1..3]); // that of the program at work: here the tests
        Assert.All(
            (string[])[command[0], .. command[3..5]],
            path => Assert.True(Path.IsPathFullyQualified(path) && File.Exists(path), path)
        );
        Assert.Equal("csharp-kernel.dll", Path.GetFileName(command[4]));
        Assert.Equal(["kernel", "--connection-file", "{connection_file}"], command[5..]);
        Assert.Equal(
            ($"C# (.NET {Environment.Version.Major})", "C#", "message"),
            ((string?)spec["display_name"], (string?)spec["language"], (string?)spec["interrupt_mode"])
        );
        Assert.Equal(
            ["kernel.json", "logo-64x64.png", "plotly.min.js"],
            Directory.GetFiles(folder).Select(Path.GetFileName).Order()
        );
        Assert.InRange(new FileInfo(Path.Combine(folder, "plotly.min.js")).Length, 1_000_000, 10_000_000);
        Assert.Equal(
            [
                $"Writing the kernelspec (kernel.json, a logo, plotly.min.js) to {folder} …",
                $"Installed \"C# (.NET {Environment.Version.Major})\" in {folder}. It starts",
                $"    {string.Join(' ', command)}",
                "and so needs this build to stay where it is.",
            ],
            workspace.Output.Trim().ReplaceLineEndings("\n").Split('\n')
        );

        Assert.Equal(0, await workspace.Run("list", "--prefix", workspace.Folder));
        Assert.Contains("(this program)", workspace.Output, StringComparison.Ordinal);
        Assert.Equal(0, await workspace.Run("install", "--prefix", workspace.Folder)); // over its own
        Assert.Equal(0, await workspace.Run("uninstall", "--prefix", workspace.Folder));
        Assert.False(Directory.Exists(folder));
        Assert.Equal(ExitCode.Failed, await workspace.Run("uninstall", "--prefix", workspace.Folder));
        Assert.Contains("There is no kernel .net-csharp", workspace.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"argv":["dotnet-interactive","jupyter"],"display_name":".NET Interactive","language":"C#"}""")]
    [InlineData("not JSON")]
    public async Task Another_programs_kernelspec_is_kept_unless_forced(string other)
    {
        using var workspace = new Workspace();
        workspace.Write("share/jupyter/kernels/.net-csharp/kernel.json", other);

        Assert.Equal(ExitCode.Failed, await workspace.Run("install", "--prefix", workspace.Folder));
        Assert.Contains("another program's kernel", workspace.Error, StringComparison.Ordinal);
        Assert.Contains("--force", workspace.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, await workspace.Run("uninstall", "--prefix", workspace.Folder));
        Assert.Equal(
            other,
            await File.ReadAllTextAsync(
                workspace.At("share/jupyter/kernels/.net-csharp/kernel.json"),
                TestContext.Current.CancellationToken
            )
        );

        Assert.Equal(0, await workspace.Run("install", "--prefix", workspace.Folder, "--force"));
        Assert.True(KernelSpec.Find(JupyterFolders.Prefix(workspace.Folder))!.IsOurs);

        workspace.Write("share/jupyter/kernels/.net-csharp/notes.txt", "kept");
        Assert.Equal(0, await workspace.Run("uninstall", "--prefix", workspace.Folder));
        Assert.Equal(
            [workspace.At("share/jupyter/kernels/.net-csharp/notes.txt")],
            Directory.GetFiles(workspace.At("share/jupyter/kernels/.net-csharp"))
        );
    }

    [Fact]
    public async Task The_users_folder_is_the_one_jupyter_is_told()
    {
        using var workspace = new Workspace();
        string? before = Environment.GetEnvironmentVariable("JUPYTER_DATA_DIR");
        try
        {
            Environment.SetEnvironmentVariable("JUPYTER_DATA_DIR", workspace.Folder);
            Assert.Equal(0, await workspace.Run("install", "--user"));
            Assert.True(File.Exists(workspace.At("kernels/.net-csharp/kernel.json")));
            Assert.Equal(0, await workspace.Run("list"));
            Assert.Contains("C# (.NET ", workspace.Output, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("JUPYTER_DATA_DIR", before);
        }

        Assert.Equal(ExitCode.Usage, await workspace.Run("install", "--user", "--prefix", workspace.Folder));
    }
}
