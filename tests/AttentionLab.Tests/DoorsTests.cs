using System.Text.RegularExpressions;

namespace AttentionLab.Tests;

/// <summary>Data flows one way: no room of the library knows a room to its right.</summary>
public sealed partial class DoorsTests
{
    private static readonly string[] Rooms = ["Data", "Models", "Training", "Explain", "Figures"];

    [Fact]
    public void No_room_imports_one_to_its_right()
    {
        string library = Path.Combine(Fixture.Repository, "lib", "AttentionLab");
        var wrong = new List<string>();
        for (int room = 0; room < Rooms.Length; room++)
        {
            wrong.AddRange(
                from file in Directory.GetFiles(Path.Combine(library, Rooms[room]), "*.cs", SearchOption.AllDirectories)
                from Match match in RoomName().Matches(File.ReadAllText(file))
                where Array.IndexOf(Rooms, match.Groups[1].Value) > room
                select $"{Path.GetRelativePath(library, file)} knows {match.Value}"
            );
        }

        Assert.Empty(wrong);
    }

    [GeneratedRegex(@"AttentionLab\.(Data|Models|Training|Explain|Figures)\b")]
    private static partial Regex RoomName();
}
