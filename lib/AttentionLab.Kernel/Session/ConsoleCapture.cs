using System.Text;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// While it lives, what is written to Console goes to the running cell, and what is read comes from one reader.
/// </summary>
internal sealed class ConsoleCapture : IDisposable
{
    private readonly TextWriter _out = Console.Out;
    private readonly TextWriter _error = Console.Error;
    private readonly TextReader _in = Console.In;

    /// <param name="input">What cells read; without one, reading finds no input.</param>
    public ConsoleCapture(TextReader? input = null)
    {
        Console.SetOut(new CellWriter("stdout", _out));
        Console.SetError(new CellWriter("stderr", _error));
        Console.SetIn(input ?? TextReader.Null);
    }

    public void Dispose()
    {
        Console.SetOut(_out);
        Console.SetError(_error);
        Console.SetIn(_in);
    }

    private sealed class CellWriter(string stream, TextWriter otherwise) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => Write(value.ToString());

        public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

        public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

        public override void WriteLine(string? value) => Write(value + NewLine);

        public override void Write(string? value)
        {
            if (string.IsNullOrEmpty(value))
            {
                return;
            }

            if (RunningCell.Current is { } cell)
            {
                cell.Output.Write(stream, value);
            }
            else
            {
                otherwise.Write(value);
            }
        }
    }
}
