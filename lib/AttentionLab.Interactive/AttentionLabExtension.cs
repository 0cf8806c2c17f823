using Microsoft.DotNet.Interactive;

namespace AttentionLab.Interactive;

/// <summary>What .NET Interactive starts after <c>#r "nuget: AttentionLab.Interactive"</c>.</summary>
public sealed class AttentionLabExtension : IKernelExtension
{
    /// <summary>Does what <see cref="NotebookFormatters.Register"/> does.</summary>
    /// <param name="kernel">The kernel that loads the extension; the formatters are shared by all kernels of the process.</param>
    public Task OnLoadAsync(Microsoft.DotNet.Interactive.Kernel kernel)
    {
        NotebookFormatters.Register();
        return Task.CompletedTask;
    }
}
