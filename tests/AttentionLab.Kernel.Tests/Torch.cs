using System.Runtime.CompilerServices;
using TorchSharp;

// Two torch computations side by side on two cores are ten times slower than one after the other.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace AttentionLab.Kernel.Tests;

internal static class Torch
{
    [ModuleInitializer]
    internal static void UseOneThread() => torch.set_num_threads(1);
}
