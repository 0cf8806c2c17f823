using System.Data;
using System.Text.Json.Nodes;
using AttentionLab.Kernel.Display;

namespace AttentionLab.Kernel.Tests.Display;

public sealed class MimeBundleTests
{
    private sealed record Layer(string Name, int Parameters, double? Share);

    [Fact]
    public void Scalars_and_sequences_of_scalars_are_plain_text_only()
    {
        AssertOnlyText("3", 3);
        AssertOnlyText("0.1", 0.1);
        AssertOnlyText("text \"quoted\"", "text \"quoted\"");
        AssertOnlyText("Monday", DayOfWeek.Monday);
        AssertOnlyText("00:00:01", TimeSpan.FromSeconds(1));
        AssertOnlyText("[ 1, 2, 3 ]", new[] { 1, 2, 3 });
        var noon = new DateTime(2024, 1, 2, 12, 0, 5);
        AssertOnlyText("2024-01-02 12:00:05", noon);
        AssertOnlyText("2024-01-02 12:00:05.25Z", DateTime.SpecifyKind(noon.AddMilliseconds(250), DateTimeKind.Utc));
        AssertOnlyText("2024-01-02 12:00:05+02:00", new DateTimeOffset(noon, TimeSpan.FromHours(2)));
        AssertOnlyText("2024-01-02", new DateOnly(2024, 1, 2));
        AssertOnlyText("03:04:00", new TimeOnly(3, 4));
        AssertOnlyText("[ 2024-01-02 12:00:05 ]", new[] { noon });
        AssertOnlyText("[ Monday, Friday ]", new[] { DayOfWeek.Monday, DayOfWeek.Friday });
        AssertOnlyText("[ Monday, null ]", new DayOfWeek?[] { DayOfWeek.Monday, null });
        AssertOnlyText(
            "[ System.Int32, System.Collections.Generic.List<System.String> ]",
            new[] { typeof(int), typeof(List<string>) }
        );
        AssertOnlyText("text", "text".AsMemory());
        AssertOnlyText("[ t, e ]", new Memory<char[]>(["te".ToCharArray()]).Span[0]);
        Assert.EndsWith("19 ... (5 more) ]", (string?)MimeBundle.Of(Enumerable.Range(0, 25).ToHashSet())["text/plain"]);
        AssertOnlyText("<null>", null);
        AssertOnlyText("abc", new System.Text.StringBuilder("abc"));
        AssertOnlyText("int[1, 2]\n0  0", Array.CreateInstance(typeof(int), [1, 2], [5, 6]));
    }

    [Fact]
    public async Task A_cells_type_has_the_name_that_the_cell_gives_it()
    {
        JsonObject data = (JsonObject)Assert.Single(await Workspace.LastOutputs("class Dog { } new Dog()"))!["data"]!;
        Assert.Equal("Dog", (string?)data["text/plain"]);
        Assert.Contains("<code>Dog</code>", (string?)data["text/html"], StringComparison.Ordinal);
        Assert.Equal("Submission#1+Dog", await Workspace.LastText("\"Submission#1+Dog\""));
    }

    [Fact]
    public void Of_a_long_value_the_beginning_is_shown_and_how_much_is_left_out()
    {
        string text = new('x', 9_000_000);
        const string LeftOut = " more characters are left out here; File.WriteAllText writes all of a text.\n";
        JsonObject[] bundles =
        [
            MimeBundle.Of(text),
            MimeBundle.Of(new Dictionary<string, string> { ["a"] = text }),
            MimeBundle.Of(new { A = text }),
            MimeBundle.Of(new[] { text }),
        ];
        Assert.All(bundles, bundle => Assert.Equal(["text/plain"], bundle.Select(each => each.Key)));
        string[] shown = [.. bundles.Select(bundle => (string)bundle["text/plain"]!)];
        Assert.All(shown, each => Assert.InRange(each.Length, LongText.Most, LongText.Most + 100));
        Assert.All(shown, each => Assert.EndsWith(LeftOut, each, StringComparison.Ordinal));
        Assert.Equal(new string('x', LongText.Most) + "\n… 8,000,000" + LeftOut, shown[0]);
        AssertOnlyText(text[..LongText.Most], text[..LongText.Most]);

        // A pair of surrogates stays whole.
        string pair = new string('x', LongText.Most - 1) + "😀";
        Assert.StartsWith(
            new string('x', LongText.Most - 1) + "\n… 2 more",
            (string)MimeBundle.Of(pair)["text/plain"]!,
            StringComparison.Ordinal
        );

        // What somebody wrote as HTML is shown as it is.
        Assert.Equal(text, (string?)MimeBundle.Of(new Microsoft.AspNetCore.Html.HtmlString(text))["text/html"]);
    }

    [Fact]
    public void Numbers_do_not_depend_on_the_machines_language()
    {
        System.Globalization.CultureInfo before = System.Globalization.CultureInfo.CurrentCulture;
        try
        {
            System.Globalization.CultureInfo.CurrentCulture = System.Globalization.CultureInfo.GetCultureInfo("de-DE");
            AssertOnlyText("0.5", 0.5);
            Assert.Contains("0.25", Table.TryRead(new[] { (0.25, "x") })!.ToText(), StringComparison.Ordinal);
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Sequences_of_records_become_tables()
    {
        JsonObject bundle = MimeBundle.Of(new[] { new Layer("conv1", 896, 0.125), new Layer("<fc>", 5130, null) });
        Assert.Equal(["text/html", "text/plain"], bundle.Select(item => item.Key));
        Assert.Equal(
            "Name   Parameters  Share\n" + "-----  ----------  -----\n" + "conv1         896  0.125\n" + "<fc>         5130",
            (string?)bundle["text/plain"]
        );
        string html = (string)bundle["text/html"]!;
        Assert.Contains("<th style=\"text-align:right\">Parameters</th>", html, StringComparison.Ordinal);
        Assert.Contains("&lt;fc&gt;", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Sequences_of_anonymous_objects_become_tables_and_long_ones_are_cut()
    {
        string text = (string)
            MimeBundle.Of(Enumerable.Range(0, 250).Select(i => new { Index = i, Half = i / 2f }).ToList())["text/plain"]!;
        Assert.StartsWith("Index  Half\n-----  ----\n    0     0\n    1   0.5\n", text, StringComparison.Ordinal);
        Assert.EndsWith("   99  49.5\n… 150 more rows", text, StringComparison.Ordinal);
        Assert.EndsWith("… more rows", (string)MimeBundle.Of(Endless())["text/plain"]!, StringComparison.Ordinal);

        static IEnumerable<(int, string)> Endless()
        {
            for (int i = 0; ; i++)
            {
                yield return (i, "");
            }
        }
    }

    [Fact]
    public void Tables_of_data_become_tables()
    {
        var data = new DataTable();
        data.Columns.Add("Id", typeof(int));
        data.Columns.Add("<Name>");
        data.Rows.Add(2, "two");
        data.Rows.Add(1, DBNull.Value);
        const string Expected = "Id  <Name>\n--  ------\n 2  two\n 1";
        Assert.Equal(Expected, Text(data));
        Assert.Equal(Expected, Text(data.Rows));
        Assert.Equal("Id  <Name>\n--  ------\n 1\n 2  two", Text(new DataView(data) { Sort = "Id" }));
        Assert.Equal("Id  <Name>\n--  ------\n 2  two", Text(data.Select("Id > 1")));
        Assert.Contains("&lt;Name&gt;", (string?)MimeBundle.Of(data)["text/html"], StringComparison.Ordinal);
        Assert.Equal("Id  <Name>\n--  ------", Text(data.Clone()));
    }

    [Fact]
    public void A_JSON_node_is_its_JSON_and_an_expando_its_members()
    {
        Assert.Equal("""{"a":[1,null]}""", Text(JsonNode.Parse("""{ "a": [ 1, null ] }""")));
        Assert.Equal("5", Text(JsonNode.Parse("5")));
        dynamic expando = new System.Dynamic.ExpandoObject();
        expando.Name = "n";
        expando.Age = 3;
        Assert.Equal("Name: n\nAge: 3", Text((object)expando));
        string html = (string)MimeBundle.Of((object)expando)["text/html"]!;
        Assert.Contains("Name", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Key", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sequence_is_named_after_its_own_type()
    {
        Assert.StartsWith(
            "System.Collections.Generic.HashSet<System.Uri>\n",
            Text(new HashSet<Uri> { new("http://localhost/") }),
            StringComparison.Ordinal
        );
    }

    private static string Text(object? value) => (string)MimeBundle.Of(value)["text/plain"]!;

    [Fact]
    public void A_type_formatted_by_convention_gets_its_preferred_types_and_text()
    {
        JsonObject bundle = MimeBundle.Of(new Chart());
        Assert.Equal(["application/vnd.plotly.v1+json", "image/png", "text/plain"], bundle.Select(item => item.Key));
        Assert.Equal(2, (int)bundle["application/vnd.plotly.v1+json"]!["data"]![0]!["y"]![1]!);
        Assert.Equal(Chart.Png, (string?)bundle["image/png"]);
        Assert.Equal(["image/png", "text/plain"], MimeBundle.Of(new Chart(), "image/png").Select(item => item.Key));
        Assert.Null(Table.TryRead(new[] { new ChartRecord(1) }));
    }

    [Fact]
    public void A_formatter_that_writes_bad_json_is_named()
    {
        FormatException error = Assert.Throws<FormatException>(() => MimeBundle.Of(new BadChart()));
        Assert.Contains(nameof(BadChart), error.Message, StringComparison.Ordinal);
    }

    private static void AssertOnlyText(string expected, object? value)
    {
        JsonObject bundle = MimeBundle.Of(value);
        Assert.Equal("text/plain", Assert.Single(bundle).Key);
        Assert.Equal(expected, (string?)bundle["text/plain"]);
    }

    [TypeFormatterSource(typeof(ChartSource), PreferredMimeTypes = ["application/vnd.plotly.v1+json"])]
    private sealed class BadChart;

    [TypeFormatterSource(typeof(ChartSource), PreferredMimeTypes = ["image/png"])]
    private sealed record ChartRecord(int Number);

    [Theory]
    [InlineData("IEnumerable<int> F() { yield return 1; yield return 2; } F()", "[ 1, 2 ]")]
    [InlineData("IEnumerable<string> F() { yield return \"a\"; } F()", "[ a ]")]
    [InlineData("System.Collections.IEnumerable F() { yield return 1; yield return \"b\"; } F()", "[ 1, b ]")]
    [InlineData("new[] { 1, 2, 3 }.Select(x => x * 2)", "[ 2, 4, 6 ]")]
    [InlineData("new HashSet<int> { 1, 2 }", "[ 1, 2 ]")]
    [InlineData("new List<int[]> { new[] { 1 }, new[] { 2, 3 } }", "[ [ 1 ], [ 2, 3 ] ]")]
    [InlineData("new System.Collections.ArrayList { 1, \"a\" }", "[ 1, a ]")]
    [InlineData(
        "class T : IEnumerable<T> { public IEnumerator<T> GetEnumerator() { yield return this; } "
            + "System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator(); } new T()",
        "[ [ [ [ [ [ … ] ] ] ] ] ]"
    )]
    [InlineData("record A(int P) { public A Node { get; set; } } var a = new A(5); a.Node = a; a", "A { P = 5, Node = A { … } }")]
    [InlineData(
        "record A(int P) { public A Node { get; set; } } var a = new A(5); a.Node = a; new[] { a, a }",
        "P  Node\n-  ---------------------------\n5  A { P = 5, Node = A { … } }\n5  A { P = 5, Node = A { … } }"
    )]
    [InlineData(
        "record R(int X) { public int Bad => throw new InvalidOperationException(\"bad\"); } new[] { new R(1) }",
        "X                                    Bad\n-  -------------------------------------\n1  "
            + "System.InvalidOperationException: bad"
    )]
    public async Task A_cells_value_is_shown_whatever_it_is(string cell, string text) =>
        Assert.Equal(text, await Workspace.LastText(cell));

    [Theory]
    [InlineData(
        "class T : IEnumerable<T> { public IEnumerator<T> GetEnumerator() { while (true) yield return this; } "
            + "System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator(); }",
        "new T()"
    )]
    [InlineData(
        "class P { public T Tree => new(); } class T : IEnumerable<T> { public IEnumerator<T> GetEnumerator() { yield return "
            + "this; } System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator(); }",
        "new P()"
    )]
    [InlineData("class T : Dictionary<string, T> { } var t = new T(); t[\"t\"] = t;", "t")]
    [InlineData("class N { public N Next { get; set; } } var n = new N(); n.Next = n;", "n")]
    [InlineData("record A { public object Me { get; set; } } var a = new A(); a.Me = a;", "new { a }")]
    [InlineData("var list = new List<object>(); list.Add(list); list.Add(list);", "list")]
    [InlineData("IEnumerable<object> Deep() { while (true) yield return Deep(); }", "Deep()")]
    public async Task What_holds_itself_or_never_ends_is_cut_in_time_and_size(string declared, string shown)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        System.Text.Json.Nodes.JsonArray outputs = await Workspace.LastOutputs(declared, shown);
        Assert.InRange(outputs.ToJsonString().Length, 10, 300_000);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{watch.ElapsedMilliseconds} ms, {outputs.ToJsonString().Length} characters"
        );
    }
}
