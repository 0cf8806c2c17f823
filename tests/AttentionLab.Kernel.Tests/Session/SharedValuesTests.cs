using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Tests.Session;

public sealed class SharedValuesTests
{
    private readonly SharedValues _values = new(".");
    private string _asked = "";

    [Theory]
    [InlineData("--name x --value @input:\"Your name?\"", "Your name?: False", "var x = \"typed\";")]
    [InlineData("--name x --value @input:word", "word: False", "var x = \"typed\";")]
    [InlineData("--name x --value @input", "x: False", "var x = \"typed\";")]
    [InlineData("--value @input:{ \"prompt\": \"A {b}?\", \"saveAs\": \"a\" } --name x", "A {b}?: False", "var x = \"typed\";")]
    [InlineData("--value @input:{\"saveAs\":\"a\",\"type\":\"password\"} --name x", "x: True", "var x = \"typed\";")]
    [InlineData(
        "--name x --value @password:{\"prompt\":\"Enter your API token\", \"saveAs\":\"token\"}",
        "Enter your API token: True",
        "var x = new Microsoft.DotNet.Interactive.PasswordString(\"typed\");"
    )]
    [InlineData("--name x --value @password", "x: True", "var x = new Microsoft.DotNet.Interactive.PasswordString(\"typed\");")]
    [InlineData("--name x --value \"{\\\"a\\\": 1}\"", "", "var x = \"\\\"{\\\\\\\"a\\\\\\\": 1}\\\"\";")]
    [InlineData("--name x --value {\"a\": {\"b\": 1}}", "", "var x = \"{\\\"a\\\": {\\\"b\\\": 1}}\";")]
    [InlineData("--name x --value @someone", "", "var x = \"@someone\";")]
    public async Task A_question_is_a_text_an_object_or_the_variables_name(string words, string asked, string code)
    {
        Assert.Equal(code, await _values.VariableAsync(new CellDirective("#!set", words, 1), [], Answer));
        Assert.Equal(asked, _asked);
    }

    [Fact]
    public async Task What_is_stored_may_be_asked_for_or_stored_before()
    {
        Assert.Equal(("typed", "text/plain"), await Store("--from-value @input:\"Which?\" --name a"));
        Assert.Equal("Which?: False", _asked);
        Assert.Equal(("{}", "application/json"), await Store("--from-value {} --name b --mime-type application/json"));
        Assert.Equal(("{}", "application/json"), await Store("--from-value @value:b --name c"));
        Assert.Equal(("two words", "text/plain"), await Store("--name d --from-value \"two words\""));
    }

    [Fact]
    public async Task What_is_not_there_is_named()
    {
        await Refused("#!share", "--from csharp x", "#!share: there is no variable \"x\".");
        await Refused("#!share", "--from value x", "#!share: #!value has stored nothing under the name \"x\".");
        await Refused(
            "#!share",
            "x --from fsharp",
            "#!share: \"fsharp\" is not a kernel here. Known are value, csharp, input and password."
        );
        await Refused("#!set", "--name x --value @input:{\"prompt\"}", "#!set: {\"prompt\"} is not JSON: ");
        await Refused("#!set", "--name x --value", "#!set: --value lacks its value.");
    }

    private Task<(string Text, string MimeType)> Store(string words) =>
        _values.StoreAsync(new CellDirective("#!value", words, 1), [], Answer, TestContext.Current.CancellationToken);

    private async Task Refused(string name, string words, string why)
    {
        CellDirectiveException error = await Assert.ThrowsAsync<CellDirectiveException>(() =>
            _values.VariableAsync(new CellDirective(name, words, 1), [], Answer)
        );
        Assert.StartsWith(why, error.Message, StringComparison.Ordinal);
    }

    private Task<string> Answer(string prompt, bool isPassword)
    {
        _asked = $"{prompt}: {isPassword}";
        return Task.FromResult("typed");
    }
}
