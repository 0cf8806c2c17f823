using System.Collections;
using Microsoft.DotNet.Interactive.Formatting;

namespace AttentionLab.Kernel.Display;

/// <summary>
/// A sequence as formatters can show it, whatever enumerates itself, ends never or nests without end: sequences inside it are cut at some
/// depth, and all together after some values.
/// </summary>
internal sealed class Sequence : IEnumerable<object?>
{
    private const int Depth = 6;
    private const int Values = 1_000;
    private const string More = "…";

    private readonly IEnumerable _values;
    private readonly int _depth;
    private readonly Budget? _budget;

    private Sequence(IEnumerable values, int depth, Budget? budget) => (_values, _depth, _budget) = (values, depth, budget);

    /// <summary>The value itself, or in its place a sequence or a dictionary that is safe to show.</summary>
    public static object? Of(object? value) => value is not null && NeedsBounds(value) ? Bounded(value, 1, new Budget()) : value;

    /// <summary>From now on, until formatters are reset, properties of what is shown are bounded too.</summary>
    public static void BoundProperties()
    {
        foreach (string type in (string[])[MimeBundle.Text, MimeBundle.Html])
        {
            Formatter.Register(
                typeof(IEnumerable),
                (value, context) =>
                {
                    object? bounded = Of(value);
                    if (ReferenceEquals(bounded, value))
                    {
                        return false; // its own formatter shows it
                    }

                    bounded.FormatTo(context, type);
                    return true;
                },
                type
            );
            Formatter.Register(
                typeof(object),
                (value, context) =>
                {
                    if (RecordText.TryDescribe(value) is not { } text)
                    {
                        return false;
                    }

                    text.FormatTo(context, type);
                    return true;
                },
                type
            );
        }
    }

    /// <inheritdoc/>
    public IEnumerator<object?> GetEnumerator()
    {
        Budget budget = _depth == 1 ? new Budget() : _budget!; // each time it is shown it may show as much
        if (_depth > Depth)
        {
            yield return More;
            yield break;
        }

        foreach (object? value in _values)
        {
            if (--budget.Left < 0)
            {
                yield return More;
                yield break;
            }

            yield return value is null ? null : Bounded(value, _depth + 1, budget);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static object Bounded(object value, int depth, Budget budget)
    {
        if (!IsSequence(value))
        {
            return value;
        }

        if (value is not IDictionary entries)
        {
            return new Sequence((IEnumerable)value, depth, budget);
        }

        var shown = new Entries();
        foreach (DictionaryEntry entry in entries)
        {
            if (--budget.Left < 0)
            {
                break;
            }

            shown.Add(
                entry.Key,
                depth > Depth ? More
                    : entry.Value is { } inner ? Bounded(inner, depth + 1, budget)
                    : null
            );
        }

        return shown;
    }

    // A sequence of a scalar's or a record's known type is shown as what it is; an iterator's own text is its type's name.
    private static bool NeedsBounds(object value) =>
        IsSequence(value)
        && (
            value is IEnumerator
            || Inner(value.GetType()) is not { } element
            || element == typeof(object)
            || element.IsInterface
            || (element != typeof(string) && typeof(IEnumerable).IsAssignableFrom(element))
        );

    private static Type? Inner(Type type) =>
        MimeBundle.ElementType(type) is not { } element ? null
        : element.IsGenericType && element.GetGenericTypeDefinition() == typeof(KeyValuePair<,>)
            ? element.GetGenericArguments()[1]
        : element;

    private static bool IsSequence(object value) =>
        value is IEnumerable and not (string or Sequence or Entries or Array { Rank: > 1 })
        && !MimeBundle.HasOwnFormatter(value.GetType());

    private sealed class Budget
    {
        public int Left { get; set; } = Values;
    }

    private sealed class Entries : Dictionary<object, object?>;
}
