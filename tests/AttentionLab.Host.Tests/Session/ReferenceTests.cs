using AttentionLab.Imaging;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;
using TorchSharp;

namespace AttentionLab.Host.Tests.Session;

public sealed class ReferenceTests
{
    [Fact]
    public async Task The_library_referenced_by_a_relative_path_is_the_one_the_host_has()
    {
        using var workspace = new Workspace();
        string relative = Path.GetRelativePath(workspace.Folder, Workspace.Library).Replace('\\', '/');
        using var engine = new CSharpEngine(workspace.Folder);
        CancellationToken token = TestContext.Current.CancellationToken;

        ExecutionResult picture = await engine.ExecuteAsync(
            $"#r \"{relative}\"\n#r "
                + $"\"{relative.Replace("AttentionLab.dll", "TorchSharp.dll", StringComparison.Ordinal)}\"\nusing "
                + "AttentionLab.Imaging;\nnew Image(1, 2, new byte[6])",
            "cell 1",
            new NotebookOutputs(),
            token
        );
        Assert.Null(picture.Error);
        Assert.Equal(2, Assert.IsType<Image>(picture.Value).Width);

        ExecutionResult tensor = await engine.ExecuteAsync("TorchSharp.torch.ones(2, 3)", "cell 2", new NotebookOutputs(), token);
        Assert.Null(tensor.Error);
        using var ones = Assert.IsType<torch.Tensor>(tensor.Value);
        Assert.Equal(6f, ones.sum().item<float>());
    }
}
