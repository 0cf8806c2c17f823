using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace AttentionLab.Kernel.Display;

/// <summary>Records that hold themselves, directly or by others: their own text would not end.</summary>
internal static class RecordText
{
    private const int Depth = 100;

    /// <summary>The text of a record that holds itself or nests very deep; null for all other values.</summary>
    public static string? TryDescribe(object? value)
    {
        var path = new HashSet<object>(ReferenceEqualityComparer.Instance);
        int steps = 0;
        return value is not null && HoldsItself(value) ? Text(value) : null;

        bool HoldsItself(object record)
        {
            if (!IsRecord(record.GetType()) || ++steps > 10_000)
            {
                return false;
            }

            if (path.Count == Depth || !path.Add(record))
            {
                return true;
            }

            bool found = Members(record.GetType())
                .Any(member => Read(member, record) is { } part and not Exception && HoldsItself(part));
            path.Remove(record);
            return found;
        }

        string Text(object record)
        {
            if (path.Count == 6 || !path.Add(record))
            {
                return $"{record.GetType().Name} {{ … }}";
            }

            var text = new StringBuilder(record.GetType().Name).Append(" { ");
            text.AppendJoin(
                ", ",
                Members(record.GetType())
                    .Select(member =>
                        $"{member.Name} = {Read(member, record) switch
                        {
                            Exception e => $"{e.GetType().FullName}: {e.Message}",
                            { } part when IsRecord(part.GetType()) => Text(part),
                            var part => ArrayText.Text(part),
                        }}"
                    )
            );
            path.Remove(record);
            return text.Append(" }").ToString();
        }
    }

    /// <summary>A property's value, or the exception that its getter throws.</summary>
    public static object? Read(PropertyInfo property, object owner)
    {
        try
        {
            return property.GetValue(owner);
        }
        catch (TargetInvocationException e) when (e.InnerException is { } inner)
        {
            return inner;
        }
    }

    private static IEnumerable<PropertyInfo> Members(Type record) =>
        record
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanRead && property.GetIndexParameters().Length == 0);

    private static bool IsRecord(Type type) =>
        type is { IsClass: true }
        && type.GetMethod("PrintMembers", BindingFlags.NonPublic | BindingFlags.Instance, [typeof(StringBuilder)]) is not null
        && type.GetMethod(nameof(ToString), [])?.IsDefined(typeof(CompilerGeneratedAttribute)) == true;
}
