using System.Text.Json.Nodes;
using AttentionLab.Kernel.Display;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Jupyter;

/// <summary>Answers what an editor asks about a cell's text: what can stand at a place, what stands there, and whether it is finished.</summary>
internal sealed class CodeQuestions(Lazy<CSharpCompletion> completion)
{
    // The compiler may take minutes over a text that means nothing: the reader's next cell does not wait for that.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private (string Code, Completions Found)? _last;

    /// <summary>Answers <c>is_complete_request</c>.</summary>
    public static Task<JsonObject> IsCompleteAsync(IncomingMessage request) =>
        InTime(_ => Task.FromResult(IsComplete(request.Text("code"))), new() { ["status"] = "unknown" });

    /// <summary>Answers <c>complete_request</c>.</summary>
    public Task<JsonObject> CompleteAsync(IncomingMessage request) =>
        InTime(token => CompleteAsync(request, token), NoCompletions(request));

    /// <summary>Answers <c>inspect_request</c>.</summary>
    public Task<JsonObject> InspectAsync(IncomingMessage request) =>
        InTime(token => InspectAsync(request, token), NothingFound());

    private static async Task<JsonObject> InTime(Func<CancellationToken, Task<JsonObject>> answer, JsonObject otherwise)
    {
        using var end = new CancellationTokenSource(Limit);
        Task<JsonObject> answering = Task.Run(() => answer(end.Token));
        try
        {
            return await answering.WaitAsync(Limit).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return otherwise;
        }
    }

    private static JsonObject IsComplete(string code) =>
        CSharpEngine.IsComplete(code) switch
        {
            Submission.Complete => new() { ["status"] = "complete" },
            Submission.Invalid => new() { ["status"] = "invalid" },
            _ => new() { ["status"] = "incomplete", ["indent"] = "    " },
        };

    private async Task<JsonObject> CompleteAsync(IncomingMessage request, CancellationToken cancellationToken)
    {
        string code = request.Text("code");
        Completions found = await completion
            .Value.CompleteAsync(code, Utf16(code, request), cancellationToken)
            .ConfigureAwait(false);
        _last = (code, found);
        int start = CodePoints(code, found.Start),
            end = CodePoints(code, found.End);
        return new()
        {
            ["status"] = "ok",
            ["matches"] = new JsonArray([.. found.Items.Select(item => JsonValue.Create(item.Text))]),
            ["cursor_start"] = start,
            ["cursor_end"] = end,
            ["metadata"] = new JsonObject
            {
                // What JupyterLab and VS Code show as icons.
                ["_jupyter_types_experimental"] = new JsonArray([
                    .. found.Items.Select(item => new JsonObject
                    {
                        ["text"] = item.Text,
                        ["type"] = TypeOf(item),
                        ["start"] = start,
                        ["end"] = end,
                    }),
                ]),
            },
        };
    }

    // The words that IPython uses, for those are the ones clients know: VS Code shows a "method" as plain text.
    private static string TypeOf(CompletionEntry entry) =>
        entry.Kind switch
        {
            "method" => "function",
            "local" or "parameter" or "rangevariable" => "variable",
            "namespace" => "module",
            "structure" => "struct",
            var kind => kind,
        };

    private async Task<JsonObject> InspectAsync(IncomingMessage request, CancellationToken cancellationToken)
    {
        string asked = request.Text("code");
        (string code, int cursor) = Restored(asked, Utf16(asked, request));
        Hover? hover = await completion.Value.InspectAsync(code, cursor, cancellationToken).ConfigureAwait(false);
        JsonObject answer = NothingFound();
        if (hover is not null)
        {
            answer["found"] = true;
            answer["data"] = new JsonObject { [MimeBundle.Text] = hover.PlainText, ["text/markdown"] = hover.Markdown };
        }

        return answer;
    }

    // About a suggestion VS Code (Jupyter extension 2026.6) asks with the suggested name behind the beginning of the cell, of
    // which it takes as many characters as stand before the name in its line: right in the first line only. What it means is the
    // name in the place for which it was suggested.
    private (string Code, int Cursor) Restored(string asked, int cursor)
    {
        if (_last is not { } last || cursor != asked.Length)
        {
            return (asked, cursor);
        }

        int line = last.Code.AsSpan(0, last.Found.Start).LastIndexOf('\n') + 1,
            column = last.Found.Start - line;
        if (line == 0 || !asked.StartsWith(last.Code[..column], StringComparison.Ordinal))
        {
            return (asked, cursor);
        }

        string name = asked[column..];
        if (last.Found.Items.All(item => item.Text != name))
        {
            return (asked, cursor);
        }

        string meant = last.Code[..last.Found.Start] + name;
        return (meant, meant.Length);
    }

    private static JsonObject NoCompletions(IncomingMessage request) =>
        new()
        {
            ["status"] = "ok",
            ["matches"] = new JsonArray(),
            ["cursor_start"] = request.Number32("cursor_pos", 0),
            ["cursor_end"] = request.Number32("cursor_pos", 0),
            ["metadata"] = new JsonObject(),
        };

    private static JsonObject NothingFound() =>
        new()
        {
            ["status"] = "ok",
            ["found"] = false,
            ["data"] = new JsonObject(),
            ["metadata"] = new JsonObject(),
        };

    // The protocol counts code points, C# counts UTF-16 units.
    private static int Utf16(string code, IncomingMessage request) =>
        code.EnumerateRunes().Take(request.Number32("cursor_pos", code.Length)).Sum(rune => rune.Utf16SequenceLength);

    private static int CodePoints(string code, int utf16) => code.AsSpan(0, utf16).ToString().EnumerateRunes().Count();
}
