using System.CommandLine;
using AttentionLab.Host.Commands;

namespace AttentionLab.Host.Tests.Commands;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("")]
    [InlineData("run")]
    [InlineData("train")]
    [InlineData("predict")]
    [InlineData("explain")]
    [InlineData("data")]
    [InlineData("install")]
    public async Task Examples_in_help_can_be_pasted(string command)
    {
        string begin = CommandLine.Program.Name + " ";
        var help = new StringWriter();
        Assert.Equal(
            0,
            await CommandLine.Program.RunAsync(
                [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"],
                help,
                cancellationToken: TestContext.Current.CancellationToken
            )
        );
        string[] examples =
        [
            .. help.ToString()
                .Split('\n')
                .Select(line => line.Trim())
                .Where(line => line.StartsWith(begin, StringComparison.Ordinal)),
        ];
        Assert.NotEmpty(examples);
        Assert.All(
            examples,
            example =>
            {
                ParseResult parsed = CommandLine.Program.CreateRoot().Parse(example[begin.Length..]);
                Assert.Empty(parsed.Errors);
                Assert.All(
                    parsed.Tokens.Select(token => token.Value).Where(IsOurs),
                    path => Assert.True(Path.Exists(Path.Combine(Workspace.Repository, path)), path)
                );
            }
        );

        // What a reader has cloned; runs/ and a reader's own folders come later.
        static bool IsOurs(string path) =>
            path.StartsWith("notebooks", StringComparison.Ordinal) || path.StartsWith("data/trained", StringComparison.Ordinal);
    }
}
