using System.Diagnostics;
using System.Text.Json;
using AttentionLab.Core;

namespace AttentionLab.Models;

/// <summary>
/// A package that carries files, in NuGet's own cache: fetched once through the user's NuGet configuration, read from there ever
/// after, without a network.
/// </summary>
/// <param name="Id">Its name.</param>
/// <param name="Version">Its version.</param>
internal sealed record NuGetPackage(string Id, string Version)
{
    /// <summary>Where the package lies in the cache; null where it is not there.</summary>
    public string? Cached => CacheFolders().Select(InCache).FirstOrDefault(Directory.Exists);

    /// <summary>The package's folder in the cache, which is filled if need be.</summary>
    /// <param name="say">Receives a sentence before something is fetched.</param>
    /// <param name="source">Where to fetch from; null for the user's sources.</param>
    /// <param name="cancellationToken">Stops fetching.</param>
    /// <exception cref="IOException">It is not in the cache, and cannot be fetched.</exception>
    public async Task<string> FolderAsync(
        Action<string>? say,
        string? source = null,
        CancellationToken cancellationToken = default
    )
    {
        if (Cached is { } there)
        {
            return there;
        }

        say?.Invoke($"Fetching {Id} {Version} through NuGet, once …");
        string folder = Directory.CreateTempSubdirectory("attentionlab-package-").FullName;
        try
        {
            string cache = await RestoreAsync(folder, source, cancellationToken).ConfigureAwait(false);
            return Directory.Exists(InCache(cache))
                ? InCache(cache)
                : throw new IOException($"NuGet restored {Id} {Version}, and {InCache(cache)} is not there.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<string> RestoreAsync(string folder, string? source, CancellationToken cancellationToken)
    {
        string project = Path.Combine(folder, "package.proj.csproj");
        await File.WriteAllTextAsync(
                project,
                $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <TargetFramework>net{Environment.Version.Major}.0</TargetFramework>
                    <ManagePackageVersionsCentrally>false</ManagePackageVersionsCentrally>
                  </PropertyGroup>
                  <ItemGroup>
                    <PackageDownload Include="{Id}" Version="[{Version}]" />
                  </ItemGroup>
                </Project>
                """,
                cancellationToken
            )
            .ConfigureAwait(false);
        string[] arguments =
        [
            "restore",
            project,
            "--verbosity",
            "quiet",
            "--nologo",
            .. source is null ? (string[])[] : ["--source", source],
        ];
        (int code, string output) = await RunAsync(arguments, folder, cancellationToken).ConfigureAwait(false);
        if (code != 0)
        {
            string reason = output
                .Split('\n')
                .Select(line => line.Trim())
                .FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal), output.Trim());
            throw new IOException(
                $"{Id} {Version} is not in NuGet's cache and cannot be fetched; connect to the network once, "
                    + $"afterwards it is read from the cache. NuGet says: {Excerpt.Of(reason)}"
            );
        }

        string assets = await File.ReadAllTextAsync(Path.Combine(folder, "obj", "project.assets.json"), cancellationToken)
            .ConfigureAwait(false);
        using JsonDocument document = JsonDocument.Parse(assets);
        return document.RootElement.GetProperty("packageFolders").EnumerateObject().First().Name;
    }

    private static async Task<(int Code, string Output)> RunAsync(
        string[] arguments,
        string folder,
        CancellationToken cancellationToken
    )
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using Process process =
            Process.Start(start) ?? throw new IOException("The .NET SDK does not start: dotnet is not on the PATH.");
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken),
                errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return (process.ExitCode, await output.ConfigureAwait(false) + await errors.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static IEnumerable<string> CacheFolders()
    {
        yield return Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
    }

    private string InCache(string cache) => Path.Combine(cache, Id.ToLowerInvariant(), Version);
}
