using System.Text.RegularExpressions;

namespace AttentionLab.Tests;

/// <summary>
/// Data flows one way: no room of the library knows a room to its right, and the notebook engine knows none of them.
/// </summary>
public sealed partial class DoorsTests
{
    private static readonly string[] Rooms =
    [
        "Core",
        "Imaging",
        "Data",
        "Models",
        "Training",
        "Explain",
        "Evaluate",
        "Figures",
        "Reports",
        "Explore",
    ];

    private static readonly string Library = Path.Combine(Fixture.Repository, "lib", "AttentionLab");

    [Fact]
    public void Every_folder_of_the_library_is_a_room() =>
        Assert.Equal(
            Rooms.Append("build").Order(),
            Directory.GetDirectories(Library).Select(Path.GetFileName).Except(["bin", "obj"]).Order()
        );

    [Fact]
    public void No_room_imports_one_to_its_right()
    {
        var wrong = new List<string>();
        for (int room = 0; room < Rooms.Length; room++)
        {
            wrong.AddRange(
                from file in Sources(Path.Combine(Library, Rooms[room]))
                from Match match in RoomName().Matches(File.ReadAllText(file))
                where Array.IndexOf(Rooms, match.Groups[1].Value) > room
                select $"{Path.GetRelativePath(Library, file)} knows {match.Value}"
            );
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_namespace_is_its_room()
    {
        Assert.Empty(
            from room in Rooms
            from file in Sources(Path.Combine(Library, room))
            let name = NamespaceLine().Match(File.ReadAllText(file)).Groups[1].Value
            where name.Length > 0 && name != $"AttentionLab.{room}"
            select $"{Path.GetRelativePath(Library, file)} says namespace {name}"
        );
    }

    [Fact]
    public void The_notebook_engine_knows_nothing_of_the_library()
    {
        string kernel = Path.Combine(Fixture.Repository, "lib", "AttentionLab.Kernel");
        Assert.Empty(
            from file in Sources(kernel)
            from Match match in RoomName().Matches(File.ReadAllText(file))
            select $"{Path.GetRelativePath(kernel, file)} knows {match.Value}"
        );
        Assert.Equal(
            ["../AttentionLab.Kernel.Start/AttentionLab.Kernel.Start.csproj"], // what starts it
            ProjectReference()
                .Matches(File.ReadAllText(Path.Combine(kernel, "AttentionLab.Kernel.csproj")))
                .Select(match => match.Groups[1].Value)
        );
    }

    private static IEnumerable<string> Sources(string folder) =>
        Directory
            .GetFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file =>
                !Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj")
            );

    [GeneratedRegex(@"AttentionLab\.(Core|Imaging|Data|Models|Training|Explain|Evaluate|Figures|Reports|Explore)\b")]
    private static partial Regex RoomName();

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"<ProjectReference Include=""([^""]+)""")]
    private static partial Regex ProjectReference();
}
