using AttentionLab.Kernel.Notebooks;

namespace AttentionLab.Kernel.Tests.Notebooks;

public sealed class ResultPlacesTests
{
    [Fact]
    public void Results_lie_below_the_folder_as_the_notebooks_lie_below_theirs() =>
        Assert.Equal(
            [Path.Combine("en", "a.ipynb"), Path.Combine("zh", "deep", "a.ipynb")],
            ResultPlaces.Below([("/", ["home", "course", "en", "a.ipynb"]), ("/", ["home", "course", "zh", "deep", "a.ipynb"])])
        );

    [Fact]
    public void Notebooks_of_several_drives_get_a_folder_for_each() =>
        Assert.Equal(
            [Path.Combine("C", "course", "a.ipynb"), Path.Combine("D", "course", "a.ipynb")],
            ResultPlaces.Below([("C:\\", ["course", "a.ipynb"]), ("D:\\", ["course", "a.ipynb"])])
        );

    [Fact]
    public void A_result_never_lies_on_a_notebook()
    {
        using var workspace = new Workspace();
        workspace.Notebook("in/a.ipynb", "1");
        workspace.Notebook("other/a.ipynb", "my own");
        string source = workspace.At("in/a.ipynb");

        Assert.Contains(
            "would be overwritten by its own result",
            Assert.Throws<ParameterException>(() => ResultPlaces.Of([source], workspace.At("in"))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "is not the result of an earlier run",
            Assert.Throws<ParameterException>(() => ResultPlaces.Of([source], workspace.At("other"))).Message,
            StringComparison.Ordinal
        );
        Assert.Equal([workspace.At(Path.Combine("out", "a.ipynb"))], ResultPlaces.Of([source], workspace.At("out")));

        workspace.Write("other/a.html", "an earlier run's page");
        Assert.Equal([workspace.At(Path.Combine("other", "a.ipynb"))], ResultPlaces.Of([source], workspace.At("other")));

        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateSymbolicLink(workspace.At("link"), workspace.At("in"));
            Assert.Throws<ParameterException>(() => ResultPlaces.Of([source], workspace.At("link")));
        }
    }

    [Fact]
    public void Two_formats_of_one_name_get_two_results()
    {
        string folder = Path.GetFullPath("results");
        Assert.Equal(
            [Path.Combine(folder, "a.ipynb"), Path.Combine(folder, "a.dib.ipynb")],
            ResultPlaces.Of([Path.GetFullPath("a.ipynb"), Path.GetFullPath("a.dib")], folder)
        );
    }
}
