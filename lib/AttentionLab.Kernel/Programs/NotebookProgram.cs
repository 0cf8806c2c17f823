// What a notebook's engine does for its cells: values are printed, figures are saved beside this file.
namespace NotebookProgram
{
    using System;
    using System.Collections;
    using System.Collections.Generic;
    using System.Globalization;
    using System.IO;
    using System.Linq;
    using System.Reflection;
    using System.Runtime.CompilerServices;
    using System.Text;
    using System.Threading;
    using System.Threading.Tasks;

    static class Outputs
    {
        static string s_place,
            s_name;
        static int s_files;
        static readonly List<Shown> s_shown = [];

        /// <summary>Begins in the notebook's folder, where its relative paths start.</summary>
        public static void Start(string notebookFolder, string name)
        {
            CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
            Console.OutputEncoding = Encoding.UTF8;
            s_name = name;
            s_place = AppContext.GetData("EntryPointFileDirectoryPath") as string ?? Environment.CurrentDirectory;
            string folder = Path.GetFullPath(notebookFolder, s_place);
            if (!Directory.Exists(folder))
            {
                Console.Error.WriteLine(
                    $"The folder {folder} does not exist: correct it in the line that calls Start, as seen from {s_place}."
                );
                Environment.Exit(1);
            }

            Environment.CurrentDirectory = folder;
            AppDomain.CurrentDomain.ProcessExit += (_, _) => s_shown.ForEach(each => each.Finish());
        }

        public static Shown display(object value, params string[] mimeTypes)
        {
            s_shown.ForEach(each => each.Finish());
            s_shown.Add(new Shown(value));
            return s_shown[^1];
        }

        public static Shown Display(this object value, params string[] mimeTypes) => display(value);

        public static Shown DisplayAs(this string value, string mimeType) =>
            display(mimeType == "text/html" ? HTML(value) : value);

        public static Shown DisplayTable<T>(this IEnumerable<T> rows) => display(rows);

        public static Html HTML(string content) => new(content);

        public static Task<string> GetInputAsync(string prompt = "", string typeHint = "text")
        {
            Console.Write($"{prompt} ");
            return Task.FromResult(Console.ReadLine() ?? "");
        }

        public static string NewFile(string ending) => Path.Combine(s_place, $"{s_name}-{++s_files}.{ending}");
    }

    sealed record Html(string Content);

    /// <summary>Something shown. What replaces it is printed once the last is known; its file is written anew.</summary>
    sealed class Shown
    {
        object _value;
        string _file;
        bool _isPrinted;

        public Shown(object value)
        {
            _value = value;
            Print();
        }

        public void Update(object value)
        {
            _value = value;
            _isPrinted = false;
            if (!Console.IsOutputRedirected && ValueText.Of(value) is var text && !text.Contains('\n'))
            {
                Console.Write($"\r{text.PadRight(Math.Max(text.Length, Console.WindowWidth - 1))}\r");
            }
        }

        public void Finish()
        {
            if (!_isPrinted)
            {
                Print();
            }
        }

        void Print()
        {
            _isPrinted = true;
            if (_value is Html page)
            {
                File.WriteAllText(_file ??= Outputs.NewFile("html"), page.Content);
                Console.WriteLine(Path.GetFileName(_file));
            }
            else if (PngOf(_value) is { } png)
            {
                File.WriteAllBytes(_file ??= Outputs.NewFile("png"), png);
                Console.WriteLine($"{Path.GetFileName(_file)}: {_value}");
            }
            else
            {
                Console.WriteLine(ValueText.Of(_value));
            }
        }

        // A figure draws itself as a PNG file in memory.
        static byte[] PngOf(object figure)
        {
            MethodInfo draw = figure
                ?.GetType()
                .GetMethods()
                .FirstOrDefault(each => each.Name == "ToPng" && each.ReturnType == typeof(byte[]));
            return (byte[])draw?.Invoke(figure, [.. draw.GetParameters().Select(each => each.DefaultValue)]);
        }
    }

    static class ValueText
    {
        public static string Of(object value) =>
            value switch
            {
                null => "<null>",
                string text => text,
                Exception e => $"{e.GetType().FullName}: {e.Message}",
                IEnumerable many when many.Cast<object>().ToList() is var values => Table(values)
                    ?? $"[ {string.Join(", ", values.Select(Of))} ]",
                ITuple values => $"( {string.Join(", ", Enumerable.Range(0, values.Length).Select(i => Of(values[i])))} )",
                IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
                _ => value.ToString(),
            };

        // Records, anonymous objects and tuples, aligned by columns.
        static string Table(List<object> rows)
        {
            if (rows is not [{ } first, ..] || Columns(first) is not { } columns)
            {
                return null;
            }

            bool[] numeric = [.. columns.Select(column => IsNumber(column.Read(first)))];
            string[][] cells = [.. rows.Select(row => columns.Select(column => Cell(column.Read(row))).ToArray())];
            int[] widths = [.. columns.Select((column, c) => cells.Max(row => Math.Max(row[c].Length, column.Name.Length)))];
            string[] head =
            [
                Line([.. columns.Select(column => column.Name)]),
                string.Join("  ", widths.Select(width => new string('-', width))),
            ];
            return string.Join('\n', [.. head, .. cells.Select(Line)]);

            string Line(string[] row) =>
                string.Join("  ", row.Select((cell, c) => numeric[c] ? cell.PadLeft(widths[c]) : cell.PadRight(widths[c])))
                    .TrimEnd();
        }

        static List<(string Name, Func<object, object> Read)> Columns(object row) =>
            row is ITuple tuple && row.GetType().IsValueType
                ?
                [
                    .. Enumerable
                        .Range(0, tuple.Length)
                        .Select(i => ($"Item{i + 1}", (Func<object, object>)(each => ((ITuple)each)[i]))),
                ]
            : IsRecord(row.GetType())
                ? [.. row.GetType().GetProperties().Select(each => (each.Name, (Func<object, object>)each.GetValue))]
            : null;

        static bool IsRecord(Type type) =>
            type.Name.StartsWith("<>f__AnonymousType", StringComparison.Ordinal)
            || type.GetMethod("PrintMembers", BindingFlags.NonPublic | BindingFlags.Instance) is not null;

        static bool IsNumber(object value) =>
            value is decimal || value?.GetType().IsPrimitive == true && value is not (bool or char);

        static string Cell(object value) =>
            value switch
            {
                null => "",
                float or double => ((IFormattable)value).ToString("G6", CultureInfo.InvariantCulture),
                _ => Of(value),
            };
    }

    /// <summary>A program is stopped as a whole, by Ctrl+C.</summary>
    sealed class KernelInvocationContext
    {
        public static KernelInvocationContext Current { get; } = new();

        public CancellationToken CancellationToken => default;
    }
}
