using System.Text.Json.Nodes;

namespace AttentionLab.Kernel.Session;

/// <summary>Where a cell's output goes: a notebook's file, or a Jupyter client. Called from any thread.</summary>
internal interface IOutputSink
{
    /// <summary>Text written to "stdout" or "stderr".</summary>
    void Write(string stream, string text);

    /// <summary>A value shown by <c>display</c>: its representations by MIME type.</summary>
    void Display(JsonObject data, string displayId);

    /// <summary>New representations for what was shown under an identifier, in any cell.</summary>
    void Update(JsonObject data, string displayId);

    /// <summary>The value of the cell's last expression.</summary>
    void Result(JsonObject data);
}
