using System.Collections;
using System.Reflection;
using Microsoft.DotNet.Interactive.Formatting;

namespace AttentionLab.Kernel.Display;

/// <summary>
/// Sequences as a reader expects them: by their values, and cut where they enumerate themselves or nest without end.
/// </summary>
internal static class Sequence
{
    private const int ShownDepth = 6;
    private const int ShownValues = 20; // as formatters show
    private const int Deepest = 40;
    private const int Copied = 10_000; // so that how many more there are is known
    private const string More = "…";
    private static readonly MethodInfo SameOfT = typeof(Sequence).GetMethod(
        nameof(Same),
        BindingFlags.NonPublic | BindingFlags.Static
    )!;

    /// <summary>
    /// The value itself; a set or a queue as an array, an iterator as LINQ's own kind of sequence, which formatters show by their
    /// values.
    /// </summary>
    public static object? Of(object? value) =>
        value is not null
        && IsSequence(value)
        && value is not (IList or IDictionary or IDictionary<string, object?>)
        && MimeBundle.ElementType(value.GetType()) is { } element
            ? SameOfT.MakeGenericMethod(element).Invoke(null, [value])
            : value;

    /// <summary>The text of what <see cref="Of"/> made of a value, under the name of the value's own type.</summary>
    public static string Headed(string text, object? shown, object? value) =>
        ReferenceEquals(shown, value) || value is null || text.StartsWith('[') || !text.Contains('\n', StringComparison.Ordinal)
            ? text
            : value.GetType().ToDisplayString(MimeBundle.Text) + text[text.IndexOf('\n', StringComparison.Ordinal)..];

    /// <summary>
    /// The text of a sequence of dates, enums or types, of sequences of scalars, of objects that are scalars, or of one that nests
    /// without end; null for all other values, which formatters show.
    /// </summary>
    public static string? TryDescribe(object? value) =>
        value is null || !IsSequence(value) ? null
        : NestsWithoutEnd(value)
        || (MimeBundle.ElementType(value.GetType()) is { } element && IsWord(Nullable.GetUnderlyingType(element) ?? element))
        || (
            MayHoldSequences(value.GetType())
            && value is not IDictionary
            && ((IEnumerable)value).Cast<object?>().Take(ShownValues + 1).All(IsSimple)
        )
            ? Text((IEnumerable)value, 1)
        : null;

    /// <summary>Whether a value holds sequences or records that nest without end: no formatter would come back from it.</summary>
    public static bool NestsWithoutEnd(object? value)
    {
        int left = 2_000;
        return value is not null && Nests(value, 0);

        bool Nests(object part, int depth)
        {
            if (depth > Deepest || --left < 0)
            {
                return depth > Deepest;
            }

            if (IsSequence(part))
            {
                return MayHoldSequences(part.GetType())
                    && Values(part).Take(3).Any(inner => inner is not null && Nests(inner, depth + 1));
            }

            // Only what cells declare: a library's objects are many and large.
            return part.GetType() is { IsPrimitive: false, Assembly.Location.Length: 0 } type
                && type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                    .Where(property => property.CanRead && property.GetIndexParameters().Length == 0)
                    .Select(property => RecordText.Read(property, part))
                    .Any(inner =>
                        inner is not (null or Exception)
                        && ((IsSequence(inner) && Nests(inner, depth + 1)) || RecordText.TryDescribe(inner) is not null)
                    );
        }
    }

    private static string Text(IEnumerable values, int depth)
    {
        if (depth > ShownDepth)
        {
            return More;
        }

        string[] shown =
        [
            .. Values(values)
                .Take(depth == 1 ? ShownValues + 1 : 4)
                .Select(value =>
                    value is not null && IsSequence(value) ? Text((IEnumerable)value, depth + 1) : ArrayText.Text(value)
                ),
        ];
        int limit = depth == 1 ? ShownValues : 3;
        return shown.Length == 0
            ? "[  ]"
            : $"[ {string.Join(", ", shown.Take(limit))}{(shown.Length > limit ? ", " + More : "")} ]";
    }

    private static IEnumerable<object?> Values(object sequence) =>
        sequence is IDictionary entries ? entries.Values.Cast<object?>() : ((IEnumerable)sequence).Cast<object?>();

    private static bool IsSimple(object? value) =>
        value is null
        || MimeBundle.IsScalar(value.GetType())
        || (value is IList list && MimeBundle.ElementType(list.GetType()) is { } element && MimeBundle.IsScalar(element));

    private static bool MayHoldSequences(Type sequence)
    {
        Type? element = MimeBundle.ElementType(sequence);
        element =
            element is { IsGenericType: true } && element.GetGenericTypeDefinition() == typeof(KeyValuePair<,>)
                ? element.GetGenericArguments()[1]
                : element;
        return element is null
            || element == typeof(object)
            || element.IsInterface
            || (element != typeof(string) && typeof(IEnumerable).IsAssignableFrom(element));
    }

    // Formatters would show each in a line of its own.
    private static bool IsWord(Type element) =>
        ArrayText.DateFormat(element) is not null || element.IsEnum || typeof(Type).IsAssignableFrom(element);

    // A cell's own collection may lack its Count yet.
    private static IEnumerable<T> Same<T>(IEnumerable<T> values) =>
        values.GetType().Namespace?.StartsWith(nameof(System), StringComparison.Ordinal) == true
        && values is ICollection<T> { Count: <= Copied } or IReadOnlyCollection<T> { Count: <= Copied }
            ? values.ToArray()
            : values.Select(value => value);

    private static bool IsSequence(object value) =>
        value is IEnumerable and not (string or Array { Rank: > 1 }) && !MimeBundle.HasOwnFormatter(value.GetType());
}
