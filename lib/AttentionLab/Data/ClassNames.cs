using System.Text;
using System.Text.Json;

namespace AttentionLab.Data;

/// <summary>Names of classes from a file, such as the thousand of ImageNet.</summary>
public static class ClassNames
{
    /// <summary>
    /// Reads names in the order of a network's outputs: a line each of a text file; of a <c>.json</c> file an array, or an object
    /// from number to name (<c>{"0": "tench"}</c>, or Keras's <c>{"0": ["n01440764", "tench"]}</c>).
    /// </summary>
    /// <param name="path">The file, in UTF-8, or in UTF-16 with its mark.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// It is a folder or not in UTF-8, it holds no names, a number is missing, or it is JSON of another kind.
    /// </exception>
    public static IReadOnlyList<string> Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string text = TextOf(path);
        string[] names = path.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? OfJson(text, path)
            : [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
        return names.Length > 0 ? names : throw new InvalidDataException($"{path} holds no names of classes.");
    }

    private static string TextOf(string path)
    {
        if (Directory.Exists(path))
        {
            throw new InvalidDataException($"{path} is a folder: name a file with the classes' names.");
        }

        try
        {
            return File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"{path} is not text in UTF-8: save it so, or the names would lose letters.", e);
        }
    }

    private static string[] OfJson(string text, string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind switch
            {
                JsonValueKind.Array => [.. document.RootElement.EnumerateArray().Select(NameOf)],
                JsonValueKind.Object => [.. InOrder(document.RootElement, path)],
                _ => throw Other(path, null),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw Other(path, e);
        }
    }

    private static IEnumerable<string> InOrder(JsonElement names, string path)
    {
        Dictionary<int, string> byNumber = names
            .EnumerateObject()
            .ToDictionary(
                each => int.Parse(each.Name, System.Globalization.CultureInfo.InvariantCulture),
                each => NameOf(each.Value)
            );
        for (int i = 0; i < byNumber.Count; i++)
        {
            yield return byNumber.TryGetValue(i, out string? name)
                ? name
                : throw new InvalidDataException($"{path} names {byNumber.Count} classes, and number {i} is not among them.");
        }
    }

    private static string NameOf(JsonElement name) =>
        (name.ValueKind == JsonValueKind.Array ? name.EnumerateArray().Last() : name).GetString()
        ?? throw new FormatException("A name is null.");

    private static InvalidDataException Other(string path, Exception? inner) =>
        new($"{path} is not an array of names, nor an object from numbers 0, 1, … to names.", inner);
}
