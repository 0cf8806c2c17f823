using System.Globalization;
using AttentionLab.Core;

namespace AttentionLab.Figures;

/// <summary>Lines along which a map has one value, by marching squares.</summary>
/// <remarks>
/// Lorensen, Cline, "Marching cubes", SIGGRAPH 1987, in two dimensions; between four neighbours the map is taken as bilinear.
/// Where both diagonals of a square cross (a saddle), the mean of its corners decides which pair belongs together. A value equal
/// to the level counts as above it. ScottPlot's contours (5.1.59) draw one of a saddle's two lines and none around a plateau at
/// the level.
/// </remarks>
public static class ContourLines
{
    /// <summary>
    /// The lines of one level, directed so that the higher values lie on the left; a line ends at the map's edge or
    /// closes on itself.
    /// </summary>
    /// <param name="map">H×W values, at the middles of their pixels: the value of row y and column x lies at (x,
    /// y).</param>
    /// <param name="level">The value along the lines.</param>
    /// <returns>Each line as its points (x, y); a closed line's last point is its first.</returns>
    /// <exception cref="ArgumentException">The level is not finite.</exception>
    public static IReadOnlyList<IReadOnlyList<(double X, double Y)>> Trace(Heatmap map, double level)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (!double.IsFinite(level))
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"A contour's level is a finite number; this one is {level}."),
                nameof(level)
            );
        }

        return Join(Segments(map, level));
    }

    // A crossing is named by the grid's edge on which it lies: what two squares share, they name alike, and lines join without
    // comparing decimals.
    private static Dictionary<Edge, (Edge To, (double X, double Y) From, (double X, double Y) Until)> Segments(
        Heatmap map,
        double level
    )
    {
        var segments = new Dictionary<Edge, (Edge, (double, double), (double, double))>();
        for (int y = 0; y + 1 < map.Height; y++)
        {
            for (int x = 0; x + 1 < map.Width; x++)
            {
                Edge top = new(x, y, false),
                    right = new(x + 1, y, true),
                    bottom = new(x, y + 1, false),
                    left = new(x, y, true);
                int corners =
                    (Above(x, y) ? 8 : 0) + (Above(x + 1, y) ? 4 : 0) + (Above(x + 1, y + 1) ? 2 : 0) + (Above(x, y + 1) ? 1 : 0);
                bool joined =
                    corners is 5 or 10 && (map[y, x] + (double)map[y, x + 1] + map[y + 1, x] + map[y + 1, x + 1]) / 4 >= level;
                foreach (
                    (Edge from, Edge to) in corners switch
                    {
                        1 => [(bottom, left)],
                        2 => [(right, bottom)],
                        3 => [(right, left)],
                        4 => [(top, right)],
                        5 => joined ? [(top, left), (bottom, right)] : [(bottom, left), (top, right)],
                        6 => [(top, bottom)],
                        7 => [(top, left)],
                        8 => [(left, top)],
                        9 => [(bottom, top)],
                        10 => joined ? [(right, top), (left, bottom)] : [(left, top), (right, bottom)],
                        11 => [(right, top)],
                        12 => [(left, right)],
                        13 => [(bottom, right)],
                        14 => [(left, bottom)],
                        _ => ((Edge, Edge)[])[],
                    }
                )
                {
                    segments.Add(from, (to, Crossing(from), Crossing(to)));
                }
            }
        }

        return segments;

        bool Above(int x, int y) => map[y, x] >= level;

        (double, double) Crossing(Edge edge)
        {
            (int endX, int endY) = edge.Down ? (edge.X, edge.Y + 1) : (edge.X + 1, edge.Y);
            double start = map[edge.Y, edge.X],
                part = (level - start) / (map[endY, endX] - start);
            return edge.Down ? (edge.X, edge.Y + part) : (edge.X + part, edge.Y);
        }
    }

    private static List<IReadOnlyList<(double X, double Y)>> Join(
        Dictionary<Edge, (Edge To, (double X, double Y) From, (double X, double Y) Until)> segments
    )
    {
        var lines = new List<IReadOnlyList<(double X, double Y)>>();
        HashSet<Edge> ends = [.. segments.Values.Select(segment => segment.To)];

        // Open lines first, each from where none leads to; what remains is closed.
        foreach (Edge start in segments.Keys.OrderBy(ends.Contains).ToList())
        {
            var line = new List<(double, double)>();
            for (Edge at = start; segments.Remove(at, out var segment); at = segment.To)
            {
                if (line.Count == 0)
                {
                    line.Add(segment.From);
                }

                line.Add(segment.Until);
            }

            if (line.Count > 0)
            {
                lines.Add(line);
            }
        }

        return lines;
    }

    /// <summary>The edge from a pixel to the next one on the right, or down.</summary>
    private readonly record struct Edge(int X, int Y, bool Down);
}
