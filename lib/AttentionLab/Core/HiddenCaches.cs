using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace AttentionLab.Core;

/// <summary>
/// Some virtual machines hide the processor's caches. oneDNN, with which torch computes convolutions, divides its AVX2 and AVX-512
/// work by their sizes: it ends the process with a division by zero, or returns wrong values. NNPACK does not start there, which
/// torch reports on standard error at each convolution. On such machines oneDNN is limited to AVX, and NNPACK is switched off.
/// </summary>
internal static unsafe partial class HiddenCaches
{
    private const string Limit = "ONEDNN_MAX_CPU_ISA";
    private const uint IntelCaches = 4,
        AmdLeaves = 0x80000000,
        AmdCaches = 0x8000001D;

    /// <summary>Whether this machine hides its caches.</summary>
    internal static bool AreHere => X86Base.IsSupported && AreHidden(leaf => (uint)X86Base.CpuId((int)leaf, 0).Eax);

    /// <summary>Sets both limits. Called before torch computes; loads libtorch if this machine hides its caches.</summary>
    public static void LimitTorch()
    {
        if (!AreHere)
        {
            return;
        }

        // oneDNN reads it at its first computation. A lower limit that the user set stays.
        if (Environment.GetEnvironmentVariable(Limit)?.ToUpperInvariant() is not ("SSE41" or "AVX"))
        {
            Environment.SetEnvironmentVariable(Limit, "AVX");
            if (OperatingSystem.IsLinux())
            {
                _ = SetNative(Limit, "AVX", 1); // .NET changes only its own copy of the environment
            }
        }

        // C++ names as compilers on Linux mangle them; libtorch for Windows has no NNPACK.
        if (
            OperatingSystem.IsLinux()
            && NativeLibrary.TryLoad("torch_cpu", typeof(torch).Assembly, null, out nint library)
            && NativeLibrary.TryGetExport(library, "_ZN2at13globalContextEv", out nint context)
            && NativeLibrary.TryGetExport(library, "_ZN2at7Context20setUserEnabledNNPACKEb", out nint enable)
        )
        {
            ((delegate* unmanaged[Cdecl]<nint, byte, void>)enable)(((delegate* unmanaged[Cdecl]<nint>)context)(), 0);
        }
    }

    /// <summary>Whether CPUID describes no cache, neither in Intel's leaf nor in AMD's.</summary>
    /// <param name="eax">Register EAX after CPUID of a leaf, subleaf 0.</param>
    internal static bool AreHidden(Func<uint, uint> eax)
    {
        return !Describes(IntelCaches, eax(0)) && !Describes(AmdCaches, eax(AmdLeaves));

        // Bits 0 to 4 are the type of the cache; 0 means that there is none.
        bool Describes(uint leaf, uint last) => last >= leaf && (eax(leaf) & 0x1F) != 0;
    }

    [LibraryImport("libc.so.6", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetNative(string name, string value, int overwrite);
}
