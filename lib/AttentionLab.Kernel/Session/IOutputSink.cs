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

    /// <summary>Asks the reader for a line of text.</summary>
    /// <param name="prompt">What stands beside the box.</param>
    /// <param name="isPassword">Whether what the reader types is hidden.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">There is no reader, as when the runner runs the notebook.</exception>
    Task<string> AskAsync(string prompt, bool isPassword, CancellationToken cancellationToken) =>
        throw new InvalidOperationException(
            "Nobody can be asked for input here. Set a variable instead, in a cell tagged \"parameters\" for example."
        );
}
