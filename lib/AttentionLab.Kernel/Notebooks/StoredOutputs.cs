using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AttentionLab.Kernel.Display;

namespace AttentionLab.Kernel.Notebooks;

/// <summary>
/// A run's outputs as they are stored in the notebook's own file: pictures and text only, without this machine's folders and
/// without times, so that a second run stores the same.
/// </summary>
/// <param name="compress">Makes a PNG file smaller.</param>
internal sealed partial class StoredOutputs(Func<byte[], byte[]> compress)
{
    /// <summary>The tag of a cell that shows how long something took: its numbers are stored as "…".</summary>
    public const string TimingTag = "timing";

    private const string Record = "stored_outputs",
        Code = "code",
        Processor = "processor",
        Png = "image/png",
        Markdown = "text/markdown",
        RunToSee = "Something interactive: run the notebook to see it.";

    /// <summary>The fingerprint of the code whose outputs a notebook holds; null when it holds none.</summary>
    public static string? FingerprintOf(Notebook notebook) => NotebookCell.Text(RecordOf(notebook)?[Code]);

    /// <summary>Writes the outputs of a run into the file that the notebook was read from.</summary>
    /// <remarks>
    /// The last digits of a computation depend on what the processor offers, and a training carries them on. So outputs that came
    /// from another kind of processor stay as long as code and kinds of results are the same, and so do times.
    /// </remarks>
    /// <returns>Whether the file was changed.</returns>
    /// <exception cref="NotebookFormatException">The file is no .ipynb file, or its code changed while it ran.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public bool Write(Notebook executed)
    {
        if (!string.Equals(Path.GetExtension(executed.Path), ".ipynb", StringComparison.OrdinalIgnoreCase))
        {
            throw new NotebookFormatException($"{executed.Name} cannot hold outputs; only .ipynb files can.");
        }

        string before = File.ReadAllText(executed.Path);
        Notebook stored = Notebook.Parse(before, executed.Path);
        string fingerprint = CodeFingerprint.Of(stored);
        if (fingerprint != CodeFingerprint.Of(executed))
        {
            throw new NotebookFormatException(
                $"{executed.Name} was changed while it ran: its outputs are not stored. Run it again."
            );
        }

        Notebook clean = Cleaned(executed);
        bool same = FingerprintOf(stored) == fingerprint && OutputKinds.Of(stored).AsSpan().SequenceEqual(OutputKinds.Of(clean));
        if (same && NotebookCell.Text(RecordOf(stored)?[Processor]) != ThisProcessor())
        {
            return false;
        }

        foreach ((NotebookCell cell, NotebookCell ran) in stored.CodeCells.Zip(CellsOf(clean)))
        {
            if (!(same && cell.HasTag(TimingTag)))
            {
                cell.Json["outputs"] = ran.Outputs.DeepClone();
                cell.ExecutionCount = ran.ExecutionCount;
            }
        }

        stored.SetMetadata(Record, new JsonObject { [Code] = fingerprint, [Processor] = ThisProcessor() });
        string after = stored.ToSourceJson();
        if (after == before)
        {
            return false;
        }

        WholeFile.Write(executed.Path, after);
        return true;
    }

    /// <summary>A copy of a notebook whose outputs are as they would be stored.</summary>
    public Notebook Cleaned(Notebook executed)
    {
        Notebook clean = Notebook.Parse(executed.ToSourceJson(), executed.Path);
        var portable = new PortableText(executed.Folder);
        foreach (NotebookCell cell in clean.CodeCells)
        {
            cell.Json["outputs"] = new JsonArray([
                .. cell.Outputs.OfType<JsonObject>().Select(output => Cleaned(output, text => Lines(Plain(text, cell)))),
            ]);
        }

        return clean;

        string Plain(string text, NotebookCell cell) =>
            portable.Of((cell.HasTag(TimingTag) ? Number() : Duration()).Replace(text, "…"));
    }

    private JsonObject Cleaned(JsonObject output, Func<string, JsonNode> text)
    {
        var clean = (JsonObject)output.DeepClone();
        if (clean["text"] is { } printed)
        {
            clean["text"] = text(NotebookCell.Text(printed) ?? "");
        }

        if (clean["traceback"] is JsonArray lines)
        {
            clean["traceback"] = new JsonArray([.. lines.Select(line => Joined(text(NotebookCell.Text(line) ?? "")))]);
        }

        if (clean["data"] is JsonObject data)
        {
            clean["data"] = CleanedData(data, text);
        }

        return clean;
    }

    // GitHub runs no script: a chart keeps its picture only, and other interactive HTML is replaced by its label.
    private JsonObject CleanedData(JsonObject data, Func<string, JsonNode> text)
    {
        var clean = new JsonObject();
        bool pictured = NotebookCell.Text(data[Png]) is { } png && (clean[Png] = Small(png)) is not null;
        string? html = NotebookCell.Text(data[MimeBundle.Html]),
            plain = NotebookCell.Text(data[MimeBundle.Text]);
        bool interactive = html is not null && Interactive().IsMatch(html);
        if (!pictured && !interactive && html is not null)
        {
            clean[MimeBundle.Html] = text(html);
        }

        if (!pictured && NotebookCell.Text(data[Markdown]) is { } markdown)
        {
            clean[Markdown] = text(markdown);
        }

        if (interactive && plain == html)
        {
            plain = Label().Match(html!) is { Success: true } label ? WebUtility.HtmlDecode(label.Groups[1].Value) : RunToSee;
        }

        clean[MimeBundle.Text] = text(plain ?? "");
        return clean;
    }

    private string Small(string base64)
    {
        byte[] png = Convert.FromBase64String(base64.Replace("\n", "", StringComparison.Ordinal)),
            small = compress(png);
        return Convert.ToBase64String(small.Length < png.Length ? small : png);
    }

    private static IEnumerable<NotebookCell> CellsOf(Notebook notebook) =>
        notebook.CodeCells.Where(cell => !cell.HasTag(Parameters.InjectedTag));

    private static JsonObject? RecordOf(Notebook notebook) => notebook.Metadata?[Record] as JsonObject;

    // One line of text a line of the file: a change shows where it is.
    private static JsonArray Lines(string text) => [.. Line().Matches(text).Select(line => JsonValue.Create(line.Value))];

    private static JsonNode Joined(JsonNode lines) => NotebookCell.Text(lines)!;

    /// <summary>What a floating-point result may depend on: instructions, and into how many threads a sum is split.</summary>
    private static string ThisProcessor()
    {
        int bits =
            Vector512.IsHardwareAccelerated ? 512
            : Vector256.IsHardwareAccelerated ? 256
            : 128;
        string threads = Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is { Length: > 0 } set
            ? set
            : Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture);
        return $"{RuntimeInformation.ProcessArchitecture}, {bits} bits, {threads} threads";
    }

    [GeneratedRegex("[^\n]*\n|[^\n]+")]
    private static partial Regex Line();

    [GeneratedRegex("<(?:style|script|input)\\b", RegexOptions.IgnoreCase)]
    private static partial Regex Interactive();

    [GeneratedRegex("aria-label=\"([^\"]+)\"")]
    private static partial Regex Label();

    /// <summary>As in "done in 12.9 s".</summary>
    [GeneratedRegex(@"(?<!\w)\d+(?:[.,]\d+)*(?= (?:ms|s|min)\b)")]
    private static partial Regex Duration();

    [GeneratedRegex(@"(?<!\w)\d+(?:[.,]\d+)*")]
    private static partial Regex Number();
}
