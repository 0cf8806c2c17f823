namespace AttentionLab.Figures;

/// <summary>The 256 colours that stand best for a picture's.</summary>
/// <remarks>
/// Median cut: Heckbert, "Color image quantization for frame buffer display", SIGGRAPH 1982, over colours of five bits a
/// channel. A picture of at most 256 such colours keeps them to within 7 of 255.
/// </remarks>
internal static class ColorPalette
{
    private const int Colors = 256,
        Bits = 5,
        Cells = 1 << (3 * Bits);

    /// <summary>The palette, 256 × (red, green, blue), and each pixel's place in it.</summary>
    /// <param name="rgba">Red, green, blue and opacity of each pixel.</param>
    public static (byte[] Palette, byte[] Indices) Reduce(ReadOnlySpan<byte> rgba)
    {
        var cells = new Cell[Cells];
        for (int i = 0; i < rgba.Length; i += 4)
        {
            cells[CellOf(rgba, i)].Add(rgba[i], rgba[i + 1], rgba[i + 2]);
        }

        List<List<int>> boxes = Cut([.. Enumerable.Range(0, Cells).Where(cell => cells[cell].Count > 0)], cells);
        var palette = new byte[3 * Colors];
        var place = new byte[Cells];
        for (int b = 0; b < boxes.Count; b++)
        {
            var sum = new Cell();
            foreach (int cell in boxes[b])
            {
                sum.Add(cells[cell]);
                place[cell] = (byte)b;
            }

            for (int channel = 0; channel < 3; channel++)
            {
                palette[(3 * b) + channel] = (byte)Math.Round((double)sum.Total(channel) / sum.Count);
            }
        }

        var indices = new byte[rgba.Length / 4];
        for (int i = 0; i < indices.Length; i++)
        {
            indices[i] = place[CellOf(rgba, 4 * i)];
        }

        return (palette, indices);
    }

    /// <summary>Boxes of cells: always the one that spreads most is cut, along its longest side, where half of its pixels
    /// lie.</summary>
    private static List<List<int>> Cut(List<int> all, Cell[] cells)
    {
        var boxes = new List<List<int>> { all };
        var open = new PriorityQueue<int, double>([(0, -Spread(all, cells).Weight)]);
        while (boxes.Count < Colors && open.TryDequeue(out int b, out double weight) && weight < 0)
        {
            List<int> box = boxes[b];
            int channel = Spread(box, cells).Channel;
            box.Sort((a, c) => Level(a, channel).CompareTo(Level(c, channel)) is not 0 and var order ? order : a.CompareTo(c));
            long half = box.Sum(cell => cells[cell].Count) / 2,
                seen = 0;
            int cut = 0;
            do
            {
                seen += cells[box[cut++]].Count;
            } while (seen < half && cut < box.Count - 1);

            boxes.Add(box[cut..]);
            boxes[b] = box[..cut];
            open.Enqueue(b, -Spread(boxes[b], cells).Weight);
            open.Enqueue(boxes.Count - 1, -Spread(boxes[^1], cells).Weight);
        }

        return boxes;
    }

    /// <summary>A box's longest side, and how much there is to gain by cutting it; 0 for a box of one colour.</summary>
    private static (int Channel, double Weight) Spread(List<int> box, Cell[] cells)
    {
        int[] sides = [.. Enumerable.Range(0, 3).Select(c => box.Max(cell => Level(cell, c)) - box.Min(cell => Level(cell, c)))];
        int channel = Array.IndexOf(sides, sides.Max());
        return (channel, sides[channel] * Math.Sqrt(box.Sum(cell => cells[cell].Count)));
    }

    private static int CellOf(ReadOnlySpan<byte> rgba, int i) =>
        (rgba[i] >> (8 - Bits) << (2 * Bits)) | (rgba[i + 1] >> (8 - Bits) << Bits) | (rgba[i + 2] >> (8 - Bits));

    private static int Level(int cell, int channel) => (cell >> ((2 - channel) * Bits)) & ((1 << Bits) - 1);

    private struct Cell
    {
        private long _red,
            _green,
            _blue;

        public long Count { get; private set; }

        public void Add(byte red, byte green, byte blue) =>
            (_red, _green, _blue, Count) = (_red + red, _green + green, _blue + blue, Count + 1);

        public void Add(Cell other) =>
            (_red, _green, _blue, Count) = (_red + other._red, _green + other._green, _blue + other._blue, Count + other.Count);

        public readonly long Total(int channel) =>
            channel switch
            {
                0 => _red,
                1 => _green,
                _ => _blue,
            };
    }
}
