using System.Text;

namespace AttentionLab.Kernel.Workers;

/// <summary>
/// What a process writes to its own standard streams, past Console. Of much, the beginning and the end are kept.
/// </summary>
internal sealed class NativeText
{
    private const int Half = 32_000;

    private readonly StringBuilder _first = new();
    private readonly StringBuilder _last = new();
    private long _leftOut;

    /// <summary>Reads a stream to its end.</summary>
    public void ReadAll(StreamReader reader)
    {
        char[] buffer = new char[4096];
        try
        {
            while (reader.Read(buffer) is > 0 and var read)
            {
                Add(buffer.AsSpan(0, read));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The same as its end.
        }
    }

    /// <summary>Everything since the last call.</summary>
    public string Take()
    {
        lock (_first)
        {
            string text = _leftOut > 0 ? $"{_first}\n… {_leftOut} characters are left out …\n{_last}" : _first.ToString() + _last;
            _first.Clear();
            _last.Clear();
            _leftOut = 0;
            return text;
        }
    }

    private void Add(ReadOnlySpan<char> text)
    {
        lock (_first)
        {
            int fits = Math.Min(text.Length, Half - _first.Length);
            _first.Append(text[..fits]);
            _last.Append(text[fits..]);
            if (_last.Length > 2 * Half)
            {
                _leftOut += _last.Length - Half;
                _last.Remove(0, _last.Length - Half);
            }
        }
    }
}
