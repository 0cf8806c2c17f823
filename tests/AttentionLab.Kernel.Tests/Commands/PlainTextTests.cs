using AttentionLab.Kernel.Commands;
using Spectre.Console;

namespace AttentionLab.Kernel.Tests.Commands;

/// <summary>Names and texts that come from outside change nothing in the terminal that shows them.</summary>
public sealed class PlainTextTests
{
    [Theory]
    [InlineData("plain ä 注意 😀\n\ttext\r\n", "plain ä 注意 😀\n\ttext\r\n")]
    [InlineData("\e]0;title\a\e[31mred", "␛]0;title␇␛[31mred")]
    [InlineData("over\rwritten\b\x7f", "over␍written␈␡")]
    [InlineData("\u009b31m\u202egpj.exe\u2066", "\ufffd31m\ufffdgpj.exe\ufffd")]
    public void What_acts_is_shown_instead(string text, string shown) => Assert.Equal(shown, PlainText.Of(text));

    [Fact]
    public void A_live_console_keeps_its_own_colours_only()
    {
        using var output = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.Yes,
                ColorSystem = ColorSystemSupport.Standard,
                Out = new AnsiConsoleOutput(output),
            }
        );
        console.Pipeline.Attach(new PlainSegments());
        console.MarkupLine($"[red]{Markup.Escape("a\e]52;c;eA==\ab")}[/]");
        Assert.Contains("a␛]52;c;eA==␇b", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("\e[", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\e]", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_and_messages_of_a_run_are_shown_plain()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "No file has such a name there.");
        using var workspace = new Workspace();
        workspace.Notebook("in/\e]0;x\a\e[31m.ipynb", "throw new Exception(\"\\u001b[2Jgone\");");
        Assert.Equal(ExitCode.Failed, await workspace.Run("run", workspace.At("in"), "--out", workspace.Out));
        Assert.Equal(ExitCode.Usage, await workspace.Run("run", "no\e[31mfile", "--out", workspace.Out));
        string all = workspace.Output + workspace.Error;
        Assert.Contains("␛[31m", all, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', all);
        Assert.DoesNotContain('\a', all);
    }
}
