using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AttentionLab.Kernel.Jupyter;

/// <summary>The folder by which Jupyter and VS Code know a kernel: its command, name and logo.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="DisplayName">What a reader chooses.</param>
/// <param name="Command">What starts the kernel.</param>
/// <param name="IsOurs">Whether this program wrote it.</param>
internal sealed record KernelSpec(string Folder, string DisplayName, IReadOnlyList<string> Command, bool IsOurs)
{
    /// <summary>The name that notebooks ask for, .NET Interactive's too.</summary>
    public const string Name = ".net-csharp";

    /// <summary>What a reader chooses, beside .NET Interactive's ".NET (C#)".</summary>
    public static readonly string Title = $"C# (.NET {Environment.Version.Major})";

    private const string FileName = "kernel.json";
    private const string Logo = "logo-64x64.png";
    private const string PlotlyScript = "plotly.min.js";
    private const string Mark = "attentionlab";
    private static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The kernelspec of a name below a folder of kernelspecs; null when there is none.</summary>
    public static KernelSpec? Find(string kernels, string name = Name)
    {
        string folder = Path.Combine(kernels, name),
            file = Path.Combine(folder, FileName);
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            JsonNode? json = JsonNode.Parse(File.ReadAllText(file));
            return new(
                folder,
                (string?)json?["display_name"] ?? name,
                [.. json?["argv"]?.AsArray().Select(word => (string?)word ?? "") ?? []],
                json?["metadata"]?[Mark] is not null
            );
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new(folder, "(its kernel.json is damaged)", [], false);
        }
    }

    /// <summary>Writes the kernelspec of this program as it lies here, over an older one.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static KernelSpec Write(string kernels)
    {
        string folder = Directory.CreateDirectory(Path.Combine(kernels, Name)).FullName;
        Copy(Assembly.GetExecutingAssembly(), Logo, folder, Logo);

        // A server offers what lies here to pages at /kernelspecs/.net-csharp/: charts need nothing from the internet.
        Replace(
            Path.Combine(folder, PlotlyScript),
            stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(Html.HtmlPage.PlotlyScript()))
        );

        string[] command =
        [
            .. Commands.ThisProgram.Command,
            Commands.KernelCommand.Name,
            "--connection-file",
            "{connection_file}",
        ];
        var json = new JsonObject
        {
            ["argv"] = new JsonArray([.. command.Select(word => JsonValue.Create(word))]),
            ["display_name"] = Title,
            ["language"] = "C#",
            ["interrupt_mode"] = "message",
            ["metadata"] = new JsonObject
            {
                [Mark] = new JsonObject { ["version"] = typeof(KernelSpec).Assembly.GetName().Version!.ToString(3) },
            },
        };
        Replace(Path.Combine(folder, FileName), stream => stream.Write(JsonSerializer.SerializeToUtf8Bytes(json, Written)));
        return Find(kernels)!;
    }

    /// <summary>Deletes what <see cref="Write"/> wrote, and the folder if nothing else is in it.</summary>
    /// <exception cref="IOException">A file cannot be deleted.</exception>
    public void Delete()
    {
        foreach (string file in (string[])[FileName, Logo, PlotlyScript])
        {
            File.Delete(Path.Combine(Folder, file));
        }

        if (!Directory.EnumerateFileSystemEntries(Folder).Any())
        {
            Directory.Delete(Folder);
        }
    }

    private static void Copy(Assembly assembly, string resource, string folder, string file) =>
        Replace(Path.Combine(folder, file), stream => assembly.GetManifestResourceStream(resource)!.CopyTo(stream));

    private static void Replace(string path, Action<FileStream> write)
    {
        string temporary = path + ".new";
        using (FileStream stream = File.Create(temporary))
        {
            write(stream);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
