using System.Text.Json.Nodes;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Notebooks;

/// <summary>Collects what a notebook's cells show, in nbformat's form. Safe for any thread.</summary>
internal sealed class NotebookOutputs : IOutputSink
{
    /// <summary>Characters a cell may print: what a page and an editor can still show. A flood would take all memory.</summary>
    private const int TextLimit = 8_000_000;

    /// <summary>Characters that all values shown by a notebook may take, pictures included.</summary>
    private const long RichLimit = 256_000_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, JsonObject> _displays = [];
    private NotebookCell? _cell;
    private string? _stream;
    private readonly TerminalText _text = new();
    private long _printed;
    private long _shown;

    /// <summary>From now on outputs go to this cell; with null, nowhere.</summary>
    public void Begin(NotebookCell? cell)
    {
        lock (_lock)
        {
            EndStream();
            _cell = cell;
            _printed = 0;
        }
    }

    /// <inheritdoc/>
    public void Write(string stream, string text)
    {
        lock (_lock)
        {
            if (_cell is null || _printed > TextLimit)
            {
                return;
            }

            _printed += text.Length;
            if (_printed > TextLimit)
            {
                text =
                    $"{text[..(int)(text.Length - (_printed - TextLimit))]}\n… what the cell printed beyond 8,000,000 "
                    + "characters is left out …\n";
            }

            if (_stream != stream)
            {
                EndStream();
                _stream = stream;
                _cell.Outputs.Add(new JsonObject { ["output_type"] = "stream", ["name"] = stream });
            }

            _text.Write(text);
        }
    }

    /// <inheritdoc/>
    public void Display(JsonObject data, string displayId)
    {
        lock (_lock)
        {
            _displays[displayId] = Add(
                new JsonObject
                {
                    ["output_type"] = "display_data",
                    ["data"] = data,
                    ["metadata"] = new JsonObject(),
                }
            );
        }
    }

    /// <inheritdoc/>
    public void Update(JsonObject data, string displayId)
    {
        lock (_lock)
        {
            if (_displays.TryGetValue(displayId, out JsonObject? output) && Fits(data))
            {
                output["data"] = data;
            }
        }
    }

    /// <inheritdoc/>
    public void Result(JsonObject data)
    {
        lock (_lock)
        {
            Add(
                new JsonObject
                {
                    ["output_type"] = "execute_result",
                    ["data"] = data,
                    ["execution_count"] = _cell?.ExecutionCount,
                    ["metadata"] = new JsonObject(),
                }
            );
        }
    }

    /// <summary>What a failed cell shows.</summary>
    public void Error(CellError error)
    {
        lock (_lock)
        {
            Add(
                new JsonObject
                {
                    ["output_type"] = "error",
                    ["ename"] = error.Name,
                    ["evalue"] = error.Message,
                    ["traceback"] = new JsonArray([.. error.Traceback.Select(line => JsonValue.Create(line))]),
                }
            );
        }
    }

    private JsonObject Add(JsonObject output)
    {
        EndStream();
        if (Fits(output))
        {
            _cell?.Outputs.Add(output);
        }

        return output;
    }

    private bool Fits(JsonObject output)
    {
        bool fitted = _shown <= RichLimit;
        _shown += Size(output);
        if (fitted && _shown > RichLimit)
        {
            _cell?.Outputs.Add(
                new JsonObject
                {
                    ["output_type"] = "stream",
                    ["name"] = "stderr",
                    ["text"] = "… what the notebook shows beyond 256,000,000 characters is left out …\n",
                }
            );
        }

        return _shown <= RichLimit;
    }

    private static long Size(JsonNode? node) =>
        node switch
        {
            JsonObject item => 100 + item.Sum(property => property.Key.Length + Size(property.Value)),
            JsonArray list => 10 + list.Sum(Size),
            JsonValue value when value.TryGetValue(out string? text) => text.Length,
            _ => 10,
        };

    // A stream's text is set once, when something else follows: writing many short pieces stays fast.
    private void EndStream()
    {
        if (_stream is not null)
        {
            _cell!.Outputs[^1]!["text"] = _text.ToString();
            _text.Clear();
            _stream = null;
        }
    }
}
