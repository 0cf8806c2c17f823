using System.Collections;
using System.Globalization;
using Microsoft.DotNet.Interactive.Formatting;

namespace AttentionLab.Kernel.Display;

/// <summary>
/// Arrays of several dimensions and tensors as text: kind and shape, then the first values, in rows where there are rows.
/// </summary>
internal static class ArrayText
{
    private const int ShownRows = 12;
    private const int ShownColumns = 12;
    private const int ShownValues = 24;

    /// <summary>
    /// Describes an array of several dimensions, an array of arrays of scalars, or a tensor; null for all else.
    /// </summary>
    public static string? TryDescribe(object? value) =>
        value switch
        {
            Array { Rank: 2 } matrix => Describe(
                NameOf(matrix),
                Enumerable
                    .Range(0, matrix.GetLength(0))
                    .Select(r =>
                        Enumerable
                            .Range(0, matrix.GetLength(1))
                            .Select(c => matrix.GetValue(matrix.GetLowerBound(0) + r, matrix.GetLowerBound(1) + c))
                    )
            ),
            Array { Rank: > 2 } array => $"{NameOf(array)}\n{Values(array.Cast<object?>(), array.Length)}",
            Array array when array.GetType().GetElementType()!.GetElementType() is { } element && MimeBundle.IsScalar(element) =>
                Describe(
                    $"{Keyword(element)}[{array.Length}][]",
                    array.Cast<IEnumerable?>().Select(row => row?.Cast<object?>() ?? [])
                ),
            _ when value?.GetType().FullName == "TorchSharp.torch+Tensor" => TensorText.Describe(value),
            _ => null,
        };

    /// <summary>A heading, and rows of aligned numbers; of many rows and columns the first.</summary>
    public static string Describe(string heading, IEnumerable<IEnumerable<object?>> rows)
    {
        string[][] cells =
        [
            .. rows.Take(ShownRows + 1)
                .Select(
                    (row, r) =>
                        (string[])
                            [
                                .. row.Take(ShownColumns + 1)
                                    .Select((cell, c) => r == ShownRows || c == ShownColumns ? "…" : Text(cell)),
                            ]
                ),
        ];
        int[] widths =
        [
            .. Enumerable
                .Range(0, cells.Length == 0 ? 0 : cells.Max(row => row.Length))
                .Select(c => cells.Max(row => c < row.Length ? row[c].Length : 0)),
        ];
        return string.Join(
            '\n',
            cells.Select(row => string.Join("  ", row.Select((cell, c) => cell.PadLeft(widths[c])))).Prepend(heading)
        );
    }

    /// <summary>The first of many values, and how many more there are.</summary>
    public static string Values(IEnumerable<object?> values, long count) =>
        string.Join(", ", values.Take(ShownValues).Select(Text))
        + (count > ShownValues ? $", … {(count - ShownValues).ToString("N0", CultureInfo.InvariantCulture)} more" : "");

    /// <summary>A number with six digits at most, whatever the machine's language.</summary>
    public static string Text(object? value) =>
        value switch
        {
            float or double or Half => ((IFormattable)value).ToString("G6", CultureInfo.InvariantCulture),
            Type => value.ToDisplayString(MimeBundle.Text),
            IFormattable scalar => scalar.ToString(DateFormat(value.GetType()), CultureInfo.InvariantCulture),
            _ => value?.ToString() ?? "null",
        };

    /// <summary>How dates and times are written, so that they sort as text; null for other types.</summary>
    public static string? DateFormat(Type type) =>
        type == typeof(DateTime) || type == typeof(DateTimeOffset) ? "yyyy-MM-dd HH:mm:ss.FFFFFFFK"
        : type == typeof(DateOnly) ? "yyyy-MM-dd"
        : type == typeof(TimeOnly) ? "HH:mm:ss.FFFFFFF"
        : null;

    private static string NameOf(Array array) =>
        $"{Keyword(array.GetType().GetElementType()!)}[{string.Join(", ", Enumerable.Range(0, array.Rank).Select(array.GetLength))}]";

    private static string Keyword(Type type) =>
        Type.GetTypeCode(type) switch
        {
            TypeCode.Single => "float",
            TypeCode.Int32 => "int",
            TypeCode.Int64 => "long",
            TypeCode.Boolean => "bool",
            TypeCode.Double or TypeCode.Byte or TypeCode.String => type.Name.ToLowerInvariant(),
            _ => type.Name,
        };
}
