using System.Diagnostics;
using System.Text.Json.Nodes;

namespace AttentionLab.Kernel.Tests.Commands;

/// <summary>The notebook engine as a user gets it: <c>dotnet tool install AttentionLab.Kernel</c>.</summary>
public sealed class ToolTests
{
    [Fact]
    public void The_packed_tool_is_installed_registers_its_kernel_and_runs_a_notebook()
    {
        using var workspace = new Workspace();
        string packages = workspace.At("packages"),
            tools = workspace.At("tools"),
            tool = Path.Combine(tools, OperatingSystem.IsWindows() ? "csharp-kernel.exe" : "csharp-kernel");
        string project = Path.Combine(Workspace.Repository, "lib", "AttentionLab.Kernel");
        Run("dotnet", "pack", project, "--no-build", "--configuration", Configuration, "--output", packages);
        Directory.CreateDirectory(packages);
        workspace.Write(
            "NuGet.config",
            $"""<configuration><packageSources><clear /><add key="packed" value="{packages}" /></packageSources></configuration>"""
        );

        Run("dotnet", "tool", "install", "AttentionLab.Kernel", "--tool-path", tools, "--add-source", packages);
        Assert.NotEmpty(Directory.GetFiles(tools, "Microsoft.DotNet.Interactive.dll", SearchOption.AllDirectories));
        Run(tool, "install", "--prefix", workspace.At("environment"));
        JsonNode kernel = JsonNode.Parse(
            File.ReadAllText(
                Assert.Single(Directory.GetFiles(workspace.At("environment"), "kernel.json", SearchOption.AllDirectories))
            )
        )!;
        Assert.Equal("C#", (string?)kernel["language"]);
        Assert.All(kernel["argv"]!.AsArray().Take(2).Select(part => (string)part!), file => Assert.True(File.Exists(file), file));

        workspace.Notebook("sum.ipynb", "var two = 1 + 1;", "two * 21");
        Run(tool, "run", workspace.At("sum.ipynb"), "--out", workspace.Out);
        Assert.Equal("42", (string?)Assert.Single(workspace.Outputs("sum.ipynb", 2))!["data"]!["text/plain"]);

        void Run(string program, params string[] arguments)
        {
            var start = new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = workspace.Folder,
                RedirectStandardOutput = true,
            };
            using Process process = Process.Start(start)!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}\n{output}");
        }
    }

    /// <summary>The configuration that the tests were built in.</summary>
    private static string Configuration =>
        Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;
}
