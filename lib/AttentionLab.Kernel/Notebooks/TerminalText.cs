using System.Text;

namespace AttentionLab.Kernel.Notebooks;

/// <summary>
/// Text as a terminal shows it: after a carriage return a line is written over, so a progress line is kept once.
/// </summary>
internal sealed class TerminalText
{
    private readonly StringBuilder _text = new();
    private int _line;
    private int _cursor;

    /// <summary>Writes at the cursor.</summary>
    public void Write(string text)
    {
        foreach (char c in text)
        {
            switch (c)
            {
                case '\r':
                    _cursor = _line;
                    break;
                case '\n':
                    _text.Append('\n');
                    _cursor = _line = _text.Length;
                    break;
                default:
                    if (_cursor < _text.Length)
                    {
                        _text[_cursor] = c;
                    }
                    else
                    {
                        _text.Append(c);
                    }

                    _cursor++;
                    break;
            }
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _text.Clear();
        _line = _cursor = 0;
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}
