using System.Runtime.CompilerServices;
using TorchSharp;

// Two torch computations side by side on two cores are ten times slower than one after the other.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace AttentionLab.Tests;

internal static class Torch
{
    [ModuleInitializer]
    internal static void UseOneThread() => torch.set_num_threads(1);

    /// <summary>For what is about threads.</summary>
    internal static void WithThreads(int threads, Action action)
    {
        torch.set_num_threads(threads);
        try
        {
            action();
        }
        finally
        {
            torch.set_num_threads(1);
        }
    }
}
