using System.Text.Json.Nodes;

namespace AttentionLab.Host.Tests.Lessons;

/// <summary>A chart that VS Code and JupyterLab draw themselves, from its Plotly JSON.</summary>
public sealed class InteractiveChartTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task It_keeps_its_JSON_where_the_formatters_of_NET_Interactive_are_registered()
    {
        string extension = Path.Combine(
            Workspace.Repository,
            "lib",
            "AttentionLab.Interactive",
            "bin",
            "AttentionLab.Interactive.dll"
        );
        const string Chart = "new AttentionLab.Figures.LineChart(new AttentionLab.Figures.LineSeries(\"a\", [1, 2], [3, 4]))";
        _workspace.Notebook(
            "chart.ipynb",
            $"""
            #r "{extension.Replace('\\', '/')}"
            {Chart}
            """,
            "AttentionLab.Interactive.NotebookFormatters.Register();",
            Chart
        );

        Assert.True(await _workspace.RunAll() == 0, _workspace.Output + _workspace.Error);

        foreach (int cell in (int[])[1, 3])
        {
            JsonNode data = Assert.Single(_workspace.Outputs("chart.ipynb", cell))!["data"]!;
            JsonNode trace = Assert.Single(data["application/vnd.plotly.v1+json"]!["data"]!.AsArray())!;
            Assert.Equal([3, 4], trace["y"]!.AsArray().Select(value => (double)value!));
            Assert.NotNull(data["image/png"]);
        }
    }
}
