namespace AttentionLab.Figures;

/// <summary>GIF's compression: codes of growing length for sequences seen before.</summary>
/// <remarks>GIF89a specification, appendix F; Welch, "A technique for high-performance data compression", 1984.</remarks>
internal static class LzwCompression
{
    private const int MostCodes = 4096,
        LongestBlock = 255;

    /// <summary>Writes image data: the length of a symbol, blocks of codes, and the empty block that ends them.</summary>
    /// <param name="file">Where to write.</param>
    /// <param name="symbols">Each below 2^<paramref name="symbolBits"/>.</param>
    /// <param name="symbolBits">2 to 8.</param>
    public static void Write(Stream file, ReadOnlySpan<byte> symbols, int symbolBits)
    {
        int clear = 1 << symbolBits,
            end = clear + 1,
            next = end + 1,
            bits = symbolBits + 1;
        var codes = new Dictionary<(int Prefix, byte Symbol), int>();
        var packed = new List<byte>();
        int pending = 0,
            pendingBits = 0,
            prefix = -1;
        Emit(clear);
        foreach (byte symbol in symbols)
        {
            if (prefix < 0)
            {
                prefix = symbol;
            }
            else if (codes.TryGetValue((prefix, symbol), out int code))
            {
                prefix = code;
            }
            else
            {
                Emit(prefix);
                if (next == MostCodes)
                {
                    Emit(clear);
                    codes.Clear();
                    (next, bits) = (end + 1, symbolBits + 1);
                }
                else
                {
                    // The reader knows this code only after the next one: it counts one behind.
                    codes.Add((prefix, symbol), next);
                    bits += next++ == 1 << bits ? 1 : 0;
                }

                prefix = symbol;
            }
        }

        if (prefix >= 0)
        {
            Emit(prefix);
            bits += next == 1 << bits && next < MostCodes ? 1 : 0;
        }

        Emit(end);
        if (pendingBits > 0)
        {
            packed.Add((byte)pending);
        }

        file.WriteByte((byte)symbolBits);
        foreach (byte[] block in packed.Chunk(LongestBlock))
        {
            file.WriteByte((byte)block.Length);
            file.Write(block);
        }

        file.WriteByte(0);

        void Emit(int code)
        {
            pending |= code << pendingBits;
            pendingBits += bits;
            for (; pendingBits >= 8; pendingBits -= 8, pending >>= 8)
            {
                packed.Add((byte)pending);
            }
        }
    }
}
