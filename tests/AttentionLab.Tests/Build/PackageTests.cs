namespace AttentionLab.Tests.Build;

/// <summary>The library in somebody else's project, as package and as project reference.</summary>
public sealed class PackageTests
{
    private static readonly string Library = Path.Combine(Fixture.Repository, "lib", "AttentionLab", "AttentionLab.csproj");

    [Fact]
    public void A_fresh_console_project_runs_with_the_package_and_a_new_pack_is_taken_by_a_restore()
    {
        using var project = new FreshProject();
        project.Create("""<PackageReference Include="AttentionLab" Version="*" />""");
        string first = Pack(project);
        try
        {
            project.Restore();
            Assert.Equal($"6{Environment.NewLine}True{Environment.NewLine}", project.Run());

            string second = Pack(project);
            Assert.True(new Version(second) > new Version(first), $"{second} follows {first}");
            project.Restore("--force"); // NuGet looks for newer versions of "*" only then
            Assert.Contains($"\"AttentionLab/{second}\"", project.Assets(), StringComparison.Ordinal);
        }
        finally
        {
            foreach (string folder in Restored())
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        IEnumerable<string> Restored() =>
            Directory
                .EnumerateFiles(project.Packages, "*.nupkg")
                .Select(file => Path.Combine(Cache, "attentionlab", VersionOf(file)))
                .Where(Directory.Exists);
    }

    [Fact]
    public void A_fresh_console_project_runs_with_a_project_reference()
    {
        using var project = new FreshProject();
        project.Create($"""<ProjectReference Include="{Library}" />""");
        project.Restore();
        Assert.Equal($"6{Environment.NewLine}True{Environment.NewLine}", project.Run());
    }

    private static string Cache =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>Packs the built library; gives the package's version.</summary>
    private static string Pack(FreshProject project)
    {
        string[] before = Directory.GetFiles(project.Packages);
        FreshProject.Expect(
            project.Dotnet("pack", Library, "--no-build", "-c", FreshProject.Configuration, "--output", project.Packages)
        );
        return VersionOf(Assert.Single(Directory.GetFiles(project.Packages).Except(before)));
    }

    private static string VersionOf(string package) => Path.GetFileNameWithoutExtension(package)["AttentionLab.".Length..];
}
