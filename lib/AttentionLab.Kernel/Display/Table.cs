using System.Collections;
using System.Data;
using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.DotNet.Interactive.Formatting;

namespace AttentionLab.Kernel.Display;

/// <summary>A sequence of records, anonymous objects or tuples as rows and columns.</summary>
internal sealed class Table
{
    private const int ShownRows = 100;

    private readonly string[] _columns;
    private readonly bool[] _numeric;
    private readonly List<string[]> _rows = [];
    private readonly string? _note;

    private Table(IEnumerable rows, IReadOnlyList<(string Name, Type Type, Func<object, object?> Read)> columns)
    {
        _columns = [.. columns.Select(column => column.Name)];
        _numeric = [.. columns.Select(column => IsNumber(column.Type))];
        foreach (object? row in rows)
        {
            if (_rows.Count == ShownRows)
            {
                _note = rows is ICollection all ? $"… {all.Count - ShownRows} more rows" : "… more rows";
                break;
            }

            _rows.Add([.. columns.Select(column => row is null ? "" : Cell(column.Read(row)))]);
        }
    }

    /// <summary>
    /// Reads a sequence's first rows; null when the value is not a sequence of records, anonymous objects or tuples, nor a table of
    /// System.Data.
    /// </summary>
    public static Table? TryRead(object? value) =>
        value switch
        {
            DataTable data => Of(data.Columns, data.Rows),
            DataView { Table: { } data } view => Of(data.Columns, view.Cast<DataRowView>().Select(row => row.Row).ToArray()),
            DataRowCollection { Count: > 0 } all => Of(all[0].Table.Columns, all),
            DataRow[] { Length: > 0 } found => Of(found[0].Table.Columns, found),
            _ => OfSequence(value),
        };

    private static Table? OfSequence(object? value) =>
        value is IEnumerable rows and not (string or IDictionary)
        && MimeBundle.ElementType(value.GetType()) is { } type
        && Columns(type) is { Count: > 0 } columns
            ? new Table(rows, columns)
            : null;

    /// <summary>
    /// Any sequence as a table: a column for each public property of its elements, or one of values if they are one word or
    /// number each.
    /// </summary>
    public static Table Of<T>(IEnumerable<T> rows)
    {
        Type type =
            typeof(T) == typeof(object)
                ? rows.Select(row => row?.GetType()).OfType<Type>().FirstOrDefault() ?? typeof(object)
                : typeof(T);
        var columns = MimeBundle.IsScalar(type) ? [("value", type, row => row)] : Columns(type) ?? Properties(type);
        return new Table(rows, columns.Count > 0 ? columns : [("value", type, row => row)]);
    }

    private static Table Of(DataColumnCollection columns, ICollection rows) =>
        new(
            rows,
            [
                .. columns
                    .Cast<DataColumn>()
                    .Select(column =>
                        (column.ColumnName, column.DataType, (Func<object, object?>)(row => Read((DataRow)row, column)))
                    ),
            ]
        );

    private static object? Read(DataRow row, DataColumn column) =>
        row.RowState == DataRowState.Deleted || row.IsNull(column) ? null : row[column];

    /// <summary>The table as HTML.</summary>
    public string ToHtml()
    {
        var html = new StringBuilder("<table class=\"dataframe\"><thead><tr>");
        for (int c = 0; c < _columns.Length; c++)
        {
            html.Append("<th").Append(Align(c)).Append('>').Append(WebUtility.HtmlEncode(_columns[c])).Append("</th>");
        }

        html.Append("</tr></thead><tbody>");
        foreach (string[] row in _rows)
        {
            html.Append("<tr>");
            for (int c = 0; c < row.Length; c++)
            {
                html.Append("<td").Append(Align(c)).Append('>').Append(WebUtility.HtmlEncode(row[c])).Append("</td>");
            }

            html.Append("</tr>");
        }

        html.Append("</tbody></table>");
        return _note is null ? html.ToString() : html.Append("<p>").Append(_note).Append("</p>").ToString();
    }

    /// <summary>The table as aligned text.</summary>
    public string ToText()
    {
        int[] widths = [.. _columns.Select((name, c) => _rows.Select(row => row[c].Length).Append(name.Length).Max())];
        var lines = new List<string> { Line(_columns), string.Join("  ", widths.Select(width => new string('-', width))) };
        lines.AddRange(_rows.Select(Line));
        if (_note is not null)
        {
            lines.Add(_note);
        }

        return string.Join('\n', lines);

        string Line(string[] cells) =>
            string.Join("  ", cells.Select((cell, c) => _numeric[c] ? cell.PadLeft(widths[c]) : cell.PadRight(widths[c])))
                .TrimEnd();
    }

    private string Align(int column) => _numeric[column] ? " style=\"text-align:right\"" : " style=\"text-align:left\"";

    private static List<(string Name, Type Type, Func<object, object?> Read)>? Columns(Type row)
    {
        if (typeof(ITuple).IsAssignableFrom(row) && row.IsValueType)
        {
            return
            [
                .. row.GetGenericArguments()
                    .Select((type, i) => ($"Item{i + 1}", type, (Func<object, object?>)(tuple => ((ITuple)tuple)[i]))),
            ];
        }

        bool anonymous =
            row.IsDefined(typeof(CompilerGeneratedAttribute))
            && row.Name.StartsWith("<>f__AnonymousType", StringComparison.Ordinal);
        bool record =
            row.GetMethod("PrintMembers", BindingFlags.NonPublic | BindingFlags.Instance, [typeof(StringBuilder)]) is not null;
        return
            (anonymous || record) && !MimeBundle.HasOwnFormatter(row) && !MimeBundle.RegisteredFor(row).Contains(MimeBundle.Html)
            ? Properties(row)
            : null;
    }

    private static List<(string Name, Type Type, Func<object, object?> Read)> Properties(Type row) =>
        [
            .. row.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(p => p.CanRead && p.GetIndexParameters().Length == 0)
                .Select(p => (p.Name, p.PropertyType, (Func<object, object?>)(row => RecordText.Read(p, row)))),
        ];

    private static bool IsNumber(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) is var inner
        && inner != typeof(char)
        && inner != typeof(bool)
        && (inner.IsPrimitive || inner == typeof(decimal));

    private static string Cell(object? value) =>
        value switch
        {
            null => "",
            Enum => value.ToString()!,
            Exception e => MimeBundle.Summary(e),
            IFormattable when MimeBundle.IsScalar(value.GetType()) => ArrayText.Text(value),
            _ => RecordText.TryDescribe(value) ?? Sequence.Of(value).ToDisplayString("text/plain+summary"),
        };
}
