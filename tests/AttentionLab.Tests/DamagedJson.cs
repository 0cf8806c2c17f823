using System.Text.Json.Nodes;
using CsCheck;

namespace AttentionLab.Tests;

/// <summary>JSON in which one value was taken away, or replaced by one of another kind.</summary>
internal static class DamagedJson
{
    private static readonly string[] Others =
    [
        "null",
        "true",
        "-1",
        "0.5",
        "1e999",
        "2147483648",
        "\"NaN\"",
        "\"Infinity\"",
        "\"text\"",
        "[]",
        "[null]",
        "{}",
        "{\"a\":null}",
    ];

    /// <summary>Damages of a document.</summary>
    public static Gen<string> Of(string json) =>
        Gen.Select(Gen.Int[0, Places(JsonNode.Parse(json)!).Count() - 1], Gen.Int[0, Others.Length])
            .Select(choice => Damage(json, choice.Item1, choice.Item2));

    private static string Damage(string json, int place, int other)
    {
        JsonNode root = JsonNode.Parse(json)!;
        (JsonNode parent, object key) = Places(root).ElementAt(place);
        JsonNode? value = other < Others.Length ? JsonNode.Parse(Others[other]) : null;
        switch (parent, key)
        {
            case (JsonObject fields, string name) when other == Others.Length:
                fields.Remove(name);
                break;
            case (JsonObject fields, string name):
                fields[name] = value;
                break;
            case (JsonArray items, int index) when other == Others.Length:
                items.RemoveAt(index);
                break;
            case (JsonArray items, int index):
                items[index] = value;
                break;
        }

        return root.ToJsonString();
    }

    private static IEnumerable<(JsonNode Parent, object Key)> Places(JsonNode node) =>
        node switch
        {
            JsonObject fields => fields.SelectMany(field =>
                (field.Value is null ? [] : Places(field.Value)).Prepend((fields, (object)field.Key))
            ),
            JsonArray items => items.SelectMany(
                (item, index) => (item is null ? [] : Places(item)).Prepend((items, (object)index))
            ),
            _ => [],
        };
}
