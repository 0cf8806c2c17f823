namespace AttentionLab.Figures;

/// <summary>Writes a figure in one mime type. The notebook finds both members by their names.</summary>
internal sealed class FigureFormatter(string mimeType, Func<Figure, string?> write)
{
    public string MimeType { get; } = mimeType;

    /// <summary>False, with nothing written, when the instance has no such form.</summary>
    public bool Format(object instance, TextWriter writer)
    {
        if (instance is not Figure figure || write(figure) is not { } text)
        {
            return false;
        }

        writer.Write(text);
        return true;
    }
}
