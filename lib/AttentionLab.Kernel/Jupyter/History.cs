using System.IO.Enumeration;
using System.Text.Json.Nodes;

namespace AttentionLab.Kernel.Jupyter;

/// <summary>The cells this kernel ran, for history_request. Kept in memory only.</summary>
internal sealed class History
{
    private const int Session = 1;
    private readonly List<(int Number, string Code, string? Result)> _cells = [];

    /// <summary>Adds a cell that is about to run.</summary>
    public void Add(int number, string code) => _cells.Add((number, code, null));

    /// <summary>Adds the last cell's result as plain text.</summary>
    public void SetResult(string? text) => _cells[^1] = _cells[^1] with { Result = text };

    /// <summary>Answers a request: a range, the last ones, or those that match a pattern with * and ?.</summary>
    /// <exception cref="MalformedMessageException">It asks for something else.</exception>
    public JsonObject Reply(IncomingMessage request)
    {
        int n = Math.Max(0, request.Number32("n", _cells.Count));
        IEnumerable<(int Number, string Code, string? Result)> found = request.Text("hist_access_type") switch
        {
            "tail" => _cells.TakeLast(n),
            "range" => request.Number32("session", 0) is not (0 or Session)
                ? []
                : _cells.Where(cell =>
                    cell.Number >= request.Number32("start", 0) && cell.Number < request.Number32("stop", int.MaxValue)
                ),
            "search" => Search(request.Content["pattern"] is null ? "*" : request.Text("pattern"), request.Flag("unique", false))
                .TakeLast(n),
            var other => throw new MalformedMessageException($"hist_access_type \"{other}\" is not known"),
        };
        bool output = request.Flag("output", false);
        return new JsonObject
        {
            ["status"] = "ok",
            ["history"] = new JsonArray([
                .. found.Select(cell =>
                    (JsonNode)
                        new JsonArray(
                            Session,
                            cell.Number,
                            output ? new JsonArray(cell.Code, cell.Result) : JsonValue.Create(cell.Code)
                        )
                ),
            ]),
        };
    }

    private IEnumerable<(int Number, string Code, string? Result)> Search(string pattern, bool unique)
    {
        IEnumerable<(int Number, string Code, string? Result)> found = _cells.Where(cell =>
            FileSystemName.MatchesSimpleExpression(pattern, cell.Code, ignoreCase: false)
        );
        return unique ? found.GroupBy(cell => cell.Code).Select(same => same.Last()).OrderBy(cell => cell.Number) : found;
    }
}
