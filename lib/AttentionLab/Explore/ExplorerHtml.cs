using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace AttentionLab.Explore;

/// <summary>
/// The explorer in a cell: a picture, which every viewer shows, and a script with all data inside that puts the interactive form
/// in its place. It lives in a shadow root, where no page's style reaches it.
/// </summary>
internal static class ExplorerHtml
{
    private static readonly string[] CellModules = ["maps.js", "controls.js", "viewer.js", "cell.js"];

    /// <summary>A cell's HTML.</summary>
    /// <param name="data">JSON for <c>cell.js</c>.</param>
    /// <param name="png">The picture, drawn at scale 2.</param>
    /// <param name="alt">Says what is seen.</param>
    public static string Cell(string data, byte[] png, string alt)
    {
        string id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(data)))[..16];
        int width = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)) / 2; // of its header
        return $$"""
            <div class="attentionlab-explorer" data-explorer="{{id}}"><img width="{{width}}" style="max-width:100%" alt="{{WebUtility.HtmlEncode(
                alt
            )}}" src="data:image/png;base64,{{Convert.ToBase64String(png)}}"></div>
            <script>
            (() => {
            {{Script()}}
            startCells("{{id}}", {{data}}, {{System.Text.Json.JsonSerializer.Serialize(Resource("explorer.css"))}});
            })();
            </script>
            """;
    }

    /// <summary>A cell as a page of its own, which loads nothing.</summary>
    public static string Page(string cell, string title, string language) =>
        $"""
            <!DOCTYPE html>
            <html lang="{language}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{WebUtility.HtmlEncode(title)}</title>
            </head>
            <body>
            {cell}
            </body>
            </html>

            """;

    /// <summary>A file of the folder <c>Page</c>.</summary>
    public static string Resource(string name)
    {
        using Stream stream =
            typeof(ExplorerHtml).Assembly.GetManifestResourceStream($"AttentionLab.Explore.Page.{name}")
            ?? throw new InvalidOperationException($"The library was built without {name}.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>The modules one after the other, as one script: what they import from each other stands above them.</summary>
    private static string Script()
    {
        var script = new StringBuilder();
        foreach (string line in CellModules.SelectMany(module => Resource(module).Split('\n')))
        {
            if (!line.StartsWith("import ", StringComparison.Ordinal))
            {
                script
                    .Append(line.StartsWith("export ", StringComparison.Ordinal) ? line["export ".Length..] : line)
                    .Append('\n');
            }
        }

        return script.ToString();
    }
}
