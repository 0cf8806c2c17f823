using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Workers;

/// <summary>What the runner and the process that runs a notebook's cells say to each other.</summary>
[JsonDerivedType(typeof(Begin), "begin")]
[JsonDerivedType(typeof(Execute), "execute")]
[JsonDerivedType(typeof(Stop), "stop")]
[JsonDerivedType(typeof(Finish), "finish")]
[JsonDerivedType(typeof(Display), "display")]
[JsonDerivedType(typeof(Update), "update")]
[JsonDerivedType(typeof(Result), "result")]
[JsonDerivedType(typeof(Unhandled), "unhandled")]
[JsonDerivedType(typeof(Ended), "ended")]
internal abstract record WorkerMessage
{
    /// <summary>To the worker: the folder that relative paths start from.</summary>
    public sealed record Begin(string Folder) : WorkerMessage;

    /// <summary>To the worker: a cell to run.</summary>
    public sealed record Execute(string Code, string Name) : WorkerMessage;

    /// <summary>To the worker: the running cell shall stop.</summary>
    public sealed record Stop : WorkerMessage;

    /// <summary>To the worker: that was the last cell.</summary>
    public sealed record Finish : WorkerMessage;

    /// <summary>From the worker: text written to "stdout" or "stderr". Sent as bytes, since there may be much of it.</summary>
    public sealed record Text(string Stream, string Value) : WorkerMessage;

    /// <summary>From the worker: a value is shown.</summary>
    public sealed record Display(JsonObject Data, string DisplayId) : WorkerMessage;

    /// <summary>From the worker: what was shown under an identifier changes.</summary>
    public sealed record Update(JsonObject Data, string DisplayId) : WorkerMessage;

    /// <summary>From the worker: the value of the cell's last expression.</summary>
    public sealed record Result(JsonObject Data) : WorkerMessage;

    /// <summary>From the worker: an exception that no code caught, on a thread of its own.</summary>
    public sealed record Unhandled(CellError Error) : WorkerMessage;

    /// <summary>From the worker: the cell has ended, or after <see cref="Finish"/> everything has.</summary>
    public sealed record Ended(CellError? Error, bool Cancelled) : WorkerMessage;
}
