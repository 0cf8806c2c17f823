using System.Collections;
using System.Net;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Html;
using Microsoft.DotNet.Interactive.Formatting;

namespace AttentionLab.Kernel.Display;

/// <summary>A value's representations by MIME type, as notebook files and Jupyter's messages hold them.</summary>
internal static partial class MimeBundle
{
    public const string Text = "text/plain";
    public const string Html = "text/html";

    /// <summary>Represents a value, always also as plain text.</summary>
    /// <param name="value">Any value.</param>
    /// <param name="mimeTypes">The types wanted; without any, those the value's type prefers.</param>
    public static JsonObject Of(object? value, params IReadOnlyCollection<string> mimeTypes)
    {
        value = Readable(value);
        string[] own = value is null ? [] : RegisteredFor(value.GetType());
        Table? table = value as Table ?? (own.Contains(Html) ? null : Table.TryRead(value));
        string? text =
            ArrayText.TryDescribe(value)
            ?? RecordText.TryDescribe(value)
            ?? Sequence.TryDescribe(value)
            ?? (Sequence.NestsWithoutEnd(value) ? Endless(value) : null);
        bool ofScalars = value is not null && IsPlain(value);
        object? given = value;
        value = table is null && text is null ? Sequence.Of(value) : value;
        if (mimeTypes.Count == 0)
        {
            mimeTypes =
                own.Length > 0 ? [.. Formatter.GetPreferredMimeTypesFor(given!.GetType()), .. own]
                : value is null || text is not null || ofScalars ? [Text]
                : table is not null || value is Exception ? [Html]
                : Formatter.GetPreferredMimeTypesFor(value.GetType());
        }

        var bundle = new JsonObject();
        foreach (string type in mimeTypes.Append(Text).Distinct())
        {
            JsonNode? shown = (type, table) switch
            {
                _ when IsJson(type) => Json(own.Contains(type) ? given : value, type),
                _ when own.Contains(type) => Formatted(given, each => each.ToDisplayString(type)),
                (Html, not null) => table.ToHtml(),
                (Text, not null) => table.ToText(),
                (Html, _) when value is Exception e => Collapsed(e),
                (Text, _) => text ?? Sequence.Headed(Formatted(value, PlainText), value, given),
                _ => Formatted(value, each => each.ToDisplayString(type)),
            };
            bool isAuthors = own.Contains(type) || given is IHtmlContent || IsJson(type); // stays whole
            if (!isAuthors && type == Text)
            {
                shown = LongText.Cut((string)shown!);
            }

            if (isAuthors || type == Text || ((string)shown!).Length <= LongText.MostHtml)
            {
                bundle[type] = shown;
            }
        }

        return bundle;
    }

    // What a value's own code does without end, nothing here can cut.
    private static string Formatted(object? value, Func<object?, string> format)
    {
        try
        {
            string text = format(value);
            return value is string ? text : CellClass().Replace(text, "");
        }
        catch (Exception e) when (e.GetBaseException() is InsufficientExecutionStackException)
        {
            return Endless(value);
        }
        catch (TargetInvocationException e) when (e.InnerException is { } inner)
        {
            // Formatters call methods by reflection, which wraps what the value's own code throws.
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }

    // The class in which the compiler nests a cell's types: theirs is the name that the cell gives them.
    [GeneratedRegex(@"\bSubmission#[0-9]+\+")]
    private static partial Regex CellClass();

    private static string Endless(object? value) => $"{value?.GetType()} (it holds itself, or is nested too deep to be shown)";

    /// <summary>Text that is a representation already: Markdown, HTML, JSON.</summary>
    public static JsonObject OfText(string text, string mimeType) =>
        new() { [mimeType] = IsJson(mimeType) ? JsonNode.Parse(text) : text, [Text] = text };

    /// <summary>Whether the representation is JSON itself, not text.</summary>
    public static bool IsJson(string mimeType) =>
        mimeType == "application/json" || mimeType.EndsWith("+json", StringComparison.Ordinal);

    /// <summary>Numbers, strings, dates, enums: values that are one word or number.</summary>
    public static bool IsScalar(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsPrimitive
            || type.IsEnum
            || type == typeof(string)
            || type == typeof(decimal)
            || typeof(Type).IsAssignableFrom(type)
            || (
                type is { Namespace: "System", IsValueType: true }
                && typeof(IFormattable).IsAssignableFrom(type)
                && !type.IsGenericType
            );
    }

    // Formatting's HTML of a scalar, or of a sequence of them, is the same text with 600 bytes of style.
    private static bool IsPlain(object value) =>
        IsScalar(value.GetType())
        || (value is IEnumerable and not IDictionary && ElementType(value.GetType()) is { } element && IsScalar(element));

    /// <summary>The MIME types for which a cell or a package registered how a type's values are shown.</summary>
    public static string[] RegisteredFor(Type type) =>
        HasOwnFormatter(type)
            ? []
            :
            [
                .. Formatter
                    .RegisteredFormatters(includeDefaults: false)
                    .Where(formatter => Takes(formatter.Type, type))
                    .Select(formatter => formatter.MimeType)
                    .Distinct(),
            ];

    // A formatter's type may be generic and open: List<> takes every list.
    private static bool Takes(Type formatted, Type type) =>
        formatted.IsGenericTypeDefinition
            ? BasesOf(type).Any(each => each.IsGenericType && each.GetGenericTypeDefinition() == formatted)
            : formatted.IsAssignableFrom(type);

    private static IEnumerable<Type> BasesOf(Type type)
    {
        for (Type? each = type; each is not null; each = each.BaseType)
        {
            yield return each;
        }

        foreach (Type each in type.GetInterfaces())
        {
            yield return each;
        }
    }

    /// <summary>Whether a type names a formatter of its own.</summary>
    public static bool HasOwnFormatter(Type type) =>
        type.GetCustomAttributes(inherit: true)
            .Any(attribute => attribute.GetType().Name == nameof(TypeFormatterSourceAttribute));

    /// <summary>The T of a sequence of T, or null.</summary>
    public static Type? ElementType(Type sequence) =>
        sequence
            .GetInterfaces()
            .Append(sequence)
            .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEnumerable<>))
            .Select(type => type.GetGenericArguments()[0])
            .FirstOrDefault();

    // A Memory's text is its type's name, a StringBuilder's its properties, and a JsonNode's HTML holds its parents.
    private static object? Readable(object? value) =>
        value switch
        {
            Memory<char> or ReadOnlyMemory<char> or StringBuilder => value.ToString(),
            JsonNode node when RegisteredFor(node.GetType()).Length == 0 => JsonSerializer.SerializeToElement(node),
            _ when value?.GetType() is { IsGenericType: true } type
                    && (
                        type.GetGenericTypeDefinition() == typeof(Memory<>)
                        || type.GetGenericTypeDefinition() == typeof(ReadOnlyMemory<>)
                    ) => type.GetMethod("ToArray")!.Invoke(value, null),
            _ => value,
        };

    private static string Collapsed(Exception e) =>
        $"<details><summary>{WebUtility.HtmlEncode(Summary(e))}</summary><pre>{WebUtility.HtmlEncode(e.ToString())}</pre></details>";

    /// <summary>An exception in a line.</summary>
    public static string Summary(Exception e) => $"{e.GetType().FullName}: {e.Message}";

    private static string PlainText(object? value) =>
        value is Exception e ? Summary(e)
        : value is IFormattable scalar && IsScalar(value.GetType()) && value is not Enum
            ? scalar.ToString(ArrayText.DateFormat(value.GetType()), System.Globalization.CultureInfo.InvariantCulture)
        : value.ToDisplayString(Text);

    private static JsonNode? Json(object? value, string type)
    {
        string json = value.ToDisplayString(type);
        try
        {
            return JsonNode.Parse(json, documentOptions: new() { MaxDepth = 512 });
        }
        catch (JsonException e)
        {
            throw new FormatException(
                $"The formatter of {value?.GetType()} for {type} wrote something that is not JSON: {e.Message}",
                e
            );
        }
    }
}
