using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Training;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Formatting;
using Plotly.NET.Interactive;

namespace AttentionLab.Interactive;

/// <summary>Tells the notebook's formatter how to show what the library makes.</summary>
public static class NotebookFormatters
{
    private const string Html = "text/html",
        Png = "image/png",
        Text = "text/plain",
        Plotly = "application/vnd.plotly.v1+json";

    private const string Display =
        "AttentionLab.Interactive.LiveDisplay display(object value, params string[] mimeTypes) => "
        + "AttentionLab.Interactive.LiveDisplay.Show(value, mimeTypes);";

    /// <summary>
    /// Registers explanations (their maps side by side), training runs and their progress (the curves so far), charts of the
    /// library as HTML, and Plotly.NET's charts. The package registers itself; after <c>#r</c> of this assembly's path a cell
    /// calls it, before the first chart. A second call changes nothing. Under Jupyter it declares a
    /// <c>display</c> whose updates arrive, so that charts are live there in the cells that follow.
    /// </summary>
    public static void Register()
    {
        FSharpCore.ServeOlder();
        MakeDisplaysLive();

        Show<Explanation>(explanation => new FeatureMapGrid(explanation.Maps)
        {
            Title = $"{explanation.Method}, {explanation.Layer}, {explanation.Target}",
            TileSize = 96,
            Columns = 8,
        });
        Show<TrainingHistory>(Curves);
        Show<TrainingProgress>(progress => Curves(progress.History));

        // Under Jupyter .NET Interactive sends this type's JSON as a string, which no viewer draws. Elsewhere, as in the kernel
        // of this repository, none of its cells runs, and the JSON is what VS Code draws.
        if (KernelInvocationContext.Current is not null)
        {
            LeaveOutPlotlyJson();
        }

        // Plotly.NET's own extension: it registers a formatter, whatever the kernel.
        ((IKernelExtension)new FormatterKernelExtension())
            .OnLoadAsync(null)
            .GetAwaiter()
            .GetResult();
    }

    private static void LeaveOutPlotlyJson()
    {
        foreach (Type figure in typeof(Figure).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(Figure))))
        {
            string[] others = [.. Formatter.GetPreferredMimeTypesFor(figure).Where(type => type != Plotly)];
            Formatter.SetPreferredMimeTypesFor(figure, others);
        }
    }

    // The cells that follow find this function before .NET Interactive's own.
    private static void MakeDisplaysLive()
    {
        if (Environment.GetCommandLineArgs().Contains("jupyter"))
        {
            KernelInvocationContext
                .Current?.HandlingKernel.RootKernel.FindKernelByName("csharp")
                ?.DeferCommand(new SubmitCode(Display, "csharp"));
        }
    }

    private static Figure? Curves(TrainingHistory history) =>
        history.Epochs.Count > 0 ? TrainingCharts.Epochs(history.Epochs)
        : history.IterationLosses.Count > 0 ? TrainingCharts.Iterations(history.IterationLosses)
        : null;

    /// <summary>
    /// Shows a type as a figure of it, where there is something to draw yet; its text is its own or the figure's.
    /// </summary>
    private static void Show<T>(Func<T, Figure?> draw)
        where T : notnull
    {
        foreach (string type in new[] { Html, Png })
        {
            Formatter.Register<T>(
                (value, context) =>
                {
                    if (draw(value) is not { } figure)
                    {
                        return false;
                    }

                    context.Writer.Write(figure.ToDisplayString(type));
                    return true;
                },
                type
            );
        }

        Formatter.Register<T>((value, writer) => writer.Write(draw(value)?.AltText ?? value.ToString()), Text);
        Formatter.SetPreferredMimeTypesFor(typeof(T), Html, Png, Text);
    }
}
