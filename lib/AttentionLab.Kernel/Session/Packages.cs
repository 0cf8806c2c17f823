using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace AttentionLab.Kernel.Session;

/// <summary>The NuGet packages of a session, restored by the SDK all together, so that their versions agree.</summary>
/// <param name="folder">Where NuGet looks for its configuration, and where relative sources start.</param>
internal sealed partial class Packages(string folder)
{
    private static readonly string Cache = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify)
            is { Length: > 0 } data
            ? data
            : Path.GetTempPath(),
        "AttentionLab",
        "packages"
    );

    private const string Start = "attentionlab-packages-";

    private const int MostOlder = 5; // each takes the SDK seconds

    // Packages whose methods .NET 10 has itself, which makes calls ambiguous, with the first version that omits them.
    private static readonly Dictionary<string, int> Overtaken = new(StringComparer.OrdinalIgnoreCase)
    {
        ["System.Linq.Async"] = 7,
    };

    private readonly List<string> _sources = [];
    private readonly HashSet<string> _overtaken = new(StringComparer.OrdinalIgnoreCase);

    // What "*" stands for where a package's newest version needs a newer .NET than this one.
    private readonly Dictionary<string, string> _newest = new(StringComparer.OrdinalIgnoreCase);
    private Dictionary<string, string> _versions = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the reference is a package's, not a file's.</summary>
    public static bool IsPackage(string reference) => reference.StartsWith("nuget:", StringComparison.OrdinalIgnoreCase);

    /// <summary>Deletes the folders of restores whose process was killed.</summary>
    public static void ClearLeftBehind()
    {
        string folder = Path.GetTempPath();
        if (Directory.Exists(folder))
        {
            LeftBehind.Clear(Directory.GetDirectories(folder, Start + "*"), Start);
        }
    }

    /// <summary>Takes packages from one more place: an address or a folder, as in <c>#i "nuget: folder"</c>.</summary>
    /// <exception cref="CellDirectiveException">No source is named.</exception>
    public void AddSource(CellDirective line)
    {
        if (!IsPackage(line.Argument) || line.Argument["nuget:".Length..].Trim() is not { Length: > 0 } source)
        {
            throw new CellDirectiveException("#i needs a source of packages, as in #i \"nuget: folder-or-address\".", line.Line);
        }

        _sources.Add(source.Contains("://", StringComparison.Ordinal) ? source : Path.GetFullPath(source, folder));
    }

    /// <summary>Restores packages, and gives the files of all packages so far.</summary>
    /// <param name="lines">Lines such as <c>#r "nuget: Id, 1.0"</c>; without a version the newest is taken.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CellDirectiveException">A package that is not known, or not in that version.</exception>
    public async Task<PackageFiles> AddAsync(IReadOnlyList<CellDirective> lines, CancellationToken cancellationToken)
    {
        var versions = new Dictionary<string, string>(_versions, StringComparer.OrdinalIgnoreCase);
        foreach (CellDirective line in lines)
        {
            Match match = Reference().Match(line.Argument);
            if (!match.Success)
            {
                throw new CellDirectiveException($"#r \"{line.Argument}\": write it as #r \"nuget: Id, Version\".", line.Line);
            }

            string id = match.Groups["id"].Value,
                version = match.Groups["version"] is { Success: true } asked ? asked.Value : "*";
            if (_versions.TryGetValue(id, out string? loaded) && loaded != version && version != "*")
            {
                throw new CellDirectiveException(
                    $"#r \"{line.Argument}\": {id} was referenced as {loaded} before. Restart to take another version.",
                    line.Line
                );
            }

            versions[id] = loaded ?? version;
        }

        string set = string.Join(
            '\n',
            versions
                .Select(package => $"{package.Key} {package.Value}".ToUpperInvariant())
                .Order(StringComparer.Ordinal)
                .Append(Environment.Version.ToString())
                .Append(string.Join('\n', Overtaken))
        );
        string cached = Path.Combine(Cache, Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(set)))[..32] + ".json");
        if (PackageFiles.TryRead(cached) is not { } files)
        {
            files = await RestoreAsync(versions, lines, cancellationToken).ConfigureAwait(false);
            files.Write(cached);
        }

        _versions = versions;
        return files;
    }

    private async Task<PackageFiles> RestoreAsync(
        Dictionary<string, string> versions,
        IReadOnlyList<CellDirective> lines,
        CancellationToken cancellationToken
    )
    {
        ClearLeftBehind();
        string work = Directory.CreateTempSubdirectory($"{Start}{Environment.ProcessId}-").FullName;
        try
        {
            string project = Path.Combine(work, "packages.csproj");
            string[]? newest = null; // why the newest versions failed
            for (int older = 0; ; older++)
            {
                WriteProject(project, versions);
                (int code, string output, string errors) = await RunAsync(
                        Commands.ThisProgram.DotnetPath(), // the SDK that belongs to the runtime at work
                        work,
                        [
                            "msbuild",
                            project,
                            "-restore",
                            "-nologo",
                            "-nodeReuse:false",
                            "-t:ResolveReferences",
                            "-getItem:ReferenceCopyLocalPaths",
                            "-p:ImportDirectoryBuildProps=false",
                            "-p:ImportDirectoryBuildTargets=false",
                            "-p:ImportDirectoryPackagesProps=false",
                        ],
                        cancellationToken
                    )
                    .ConfigureAwait(false);
                if (code == 0)
                {
                    JsonNode assets = JsonNode.Parse(
                        await File.ReadAllTextAsync(Path.Combine(work, "obj", "project.assets.json"), cancellationToken)
                            .ConfigureAwait(false)
                    )!;
                    ResolvedPackage[] packages = Resolved(assets);
                    if (packages.Where(IsOvertaken).Select(package => package.Id).ToArray() is { Length: > 0 } overtaken)
                    {
                        _overtaken.UnionWith(overtaken);
                        continue;
                    }

                    JsonArray items = JsonNode.Parse(output)!["Items"]!["ReferenceCopyLocalPaths"]!.AsArray();
                    string[] Files(string type) =>
                        [.. items.Where(item => (string?)item!["AssetType"] == type).Select(item => (string)item!["FullPath"]!)];
                    return new PackageFiles(Files("runtime"), Files("native"), packages, Doubts(assets));
                }

                string[] reasons = [.. Error().Matches(output + errors).Select(match => match.Groups[1].Value.Trim()).Distinct()];
                if (older < MostOlder && TakeOlder(versions, reasons))
                {
                    newest ??= reasons;
                    continue;
                }

                reasons = newest ?? reasons;
                CellDirective line = Failing(lines, reasons);
                throw new CellDirectiveException(
                    $"#r \"{line.Argument}\": "
                        + $"{(reasons.Length > 0 ? string.Join("; ", reasons) : $"the .NET SDK could not restore it: {(output + errors).Trim()}")}",
                    line.Line
                );
            }
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private void WriteProject(string file, Dictionary<string, string> versions) =>
        new XElement(
            "Project",
            new XAttribute("Sdk", "Microsoft.NET.Sdk"),
            new XElement(
                "PropertyGroup",
                new XElement("TargetFramework", $"net{Environment.Version.Major}.{Environment.Version.Minor}"),
                new XElement("UseCurrentRuntimeIdentifier", true),
                new XElement("SelfContained", false),
                new XElement("UseAppHost", false),
                new XElement("CopyLocalLockFileAssemblies", true),
                new XElement("NuGetAudit", false),
                new XElement("WarningsAsErrors", ""), // NU1605: an older version than another package wants, as asked for
                new XElement("RestoreAdditionalProjectSources", string.Join(';', _sources)),
                new XElement("RestoreRootConfigDirectory", folder)
            ),
            new XElement(
                "ItemGroup",
                versions
                    .Keys.Union(_overtaken, StringComparer.OrdinalIgnoreCase)
                    .Select(id => new XElement(
                        "PackageReference",
                        new XAttribute("Include", id),
                        new XAttribute("Version", VersionOf(id, versions))
                    ))
            )
        ).Save(file);

    private string VersionOf(string id, Dictionary<string, string> versions) =>
        _overtaken.Contains(id) ? $"{Overtaken[id]}.0.0"
        : IsNewest(versions[id]) ? _newest.GetValueOrDefault(id, versions[id])
        : versions[id];

    private static bool IsOvertaken(ResolvedPackage package) =>
        Overtaken.TryGetValue(package.Id, out int first)
        && int.Parse(package.Version.Split('.')[0], CultureInfo.InvariantCulture) < first;

    // For a package without a requested version: where the newest needs a newer .NET, the newest of those before; where all are
    // prereleases, the newest prerelease.
    private bool TakeOlder(Dictionary<string, string> versions, string[] reasons)
    {
        bool found = false;
        foreach (Match match in reasons.Select(reason => Unfit().Match(reason)).Where(match => match.Success))
        {
            string id = match.Groups["id"].Value;
            if (versions.TryGetValue(id, out string? asked) && IsNewest(asked))
            {
                _newest[id] = match.Groups["minor"] is { Success: true } minor ? $"[{asked}, {minor.Value}.0-0)" : "*-*";
                found = true;
            }
        }

        return found;
    }

    private static bool IsNewest(string version) => version is "*" or "*-*";

    /// <summary>What a cell that references packages shows, as .NET Interactive does: the versions that were taken.</summary>
    /// <param name="lines">The cell's lines.</param>
    /// <param name="files">What was restored.</param>
    public static IReadOnlyList<string> Installed(IReadOnlyList<CellDirective> lines, PackageFiles files) =>
        [
            .. lines
                .Select(line => Reference().Match(line.Argument))
                .Select(match => (Id: match.Groups["id"].Value, Asked: match.Groups["version"].Value))
                .Select(asked =>
                    files.Packages.FirstOrDefault(package => package.Id.Equals(asked.Id, StringComparison.OrdinalIgnoreCase))
                        is { } package
                        ? $"{package.Id}, {Taken(package, asked.Asked, files)}"
                        : asked.Id
                ),
        ];

    private static string Taken(ResolvedPackage package, string asked, PackageFiles files) =>
        files.Assemblies.FirstOrDefault(file =>
            Path.GetFileNameWithoutExtension(file).Equals(package.Id, StringComparison.OrdinalIgnoreCase)
        )
            is { } library
        && AssemblyReferences.OwnVersion(library) is { } own
            ? $"{own} (the kernel's own in place of {package.Version})"
            : package.Version + Instead(asked, package.Version);

    // A version with all its numbers stands for itself or what a package that needs a newer one says; others name a range.
    private static string Instead(string asked, string given) =>
        asked.Length > 0
        && asked.IndexOfAny(['*', '[', '(', ',']) < 0
        && !given.Equals(asked, StringComparison.OrdinalIgnoreCase)
        && !given.StartsWith(asked + ".0", StringComparison.OrdinalIgnoreCase)
            ? $" ({asked} was asked for)"
            : "";

    // The line whose package the reasons name; NuGet restores all of them at once.
    private static CellDirective Failing(IReadOnlyList<CellDirective> lines, string[] reasons) =>
        lines.FirstOrDefault(line =>
            reasons.Any(reason =>
                Regex.IsMatch(
                    reason,
                    $@"(?<![\w.-]){Regex.Escape(Reference().Match(line.Argument).Groups["id"].Value)}(?![\w-]|\.\w)",
                    RegexOptions.IgnoreCase
                )
            )
        ) ?? lines[0];

    // NuGet's own account of what it restored.
    private static ResolvedPackage[] Resolved(JsonNode json)
    {
        string[] folders = [.. json["packageFolders"]!.AsObject().Select(folder => folder.Key)];
        return
        [
            .. json["libraries"]!
                .AsObject()
                .Where(library => (string?)library.Value!["type"] == "package")
                .Select(library => new ResolvedPackage(
                    library.Key.Split('/')[0],
                    library.Key.Split('/')[1],
                    folders
                        .Select(folder => Path.Combine(folder, (string)library.Value!["path"]!))
                        .FirstOrDefault(Directory.Exists, "")
                ))
                .Where(package => package.Folder.Length > 0),
        ];
    }

    // Of versions that are older than another package wants.
    private static string[] Doubts(JsonNode assets) =>
        [
            .. ((assets["logs"] as JsonArray) ?? [])
                .Where(entry => (string?)entry!["code"] == "NU1605")
                .Select(entry => Downgrade().Match((string?)entry!["message"] ?? ""))
                .Where(match => match.Success)
                .Select(match =>
                    $"{match.Groups["id"]} {match.Groups["taken"]} is older than {match.Groups["who"]} wants "
                    + $"({match.Groups["wanted"]}): what that calls may be missing. If a cell fails for it, restart and ask for "
                    + $"\"nuget: {match.Groups["id"]}, {match.Groups["wanted"]}\".\n"
                ),
        ];

    private static async Task<(int Code, string Output, string Errors)> RunAsync(
        string program,
        string folder,
        string[] arguments,
        CancellationToken cancellationToken
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            Environment = { ["DOTNET_CLI_UI_LANGUAGE"] = "en", ["DOTNET_NOLOGO"] = "1" },
        };
        using Process process = Begin(start);
        process.StandardInput.Close();
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken),
                errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return (process.ExitCode, await output.ConfigureAwait(false), await errors.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static Process Begin(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException(
                "Packages are restored by the .NET SDK, which was not found: install it, and see that dotnet is on the PATH.",
                e
            );
        }
    }

    [GeneratedRegex(
        @"^nuget:\s*(?<id>[\w.-]+)\s*(,\s*(?<version>[\w.*+-]+|[\[(][\w.*+,\s-]+[\])])\s*)?$",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Reference();

    [GeneratedRegex(
        @"^(NU1202: Package (?<id>\S+) (?<minor>\d+\.\d+)\S* is not compatible|NU1103: Unable to find a stable package (?<id>\S+))"
    )]
    private static partial Regex Unfit();

    // "… downgrade: B from 2.0.0 to 1.0.0. …\n packages -> A 1.0.0 -> B (>= 2.0.0)"
    [GeneratedRegex(
        @"downgrade: (?<id>\S+) from (?<wanted>\S+) to (?<taken>\S+)\.\s.*\n.*-> (?<who>[^>\n]+?) -> \k<id> \(",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Downgrade();

    [GeneratedRegex(@"error ([A-Z]+\d+: .*)")]
    private static partial Regex Error();
}
