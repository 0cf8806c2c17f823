using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace AttentionLab.Core;

/// <summary>
/// Some virtual machines hide their processor's caches. oneDNN, by which torch computes convolutions, plans its AVX2 and AVX-512
/// code by them: it divides by zero, which ends the process, or computes something else. NNPACK refuses, and torch says so on
/// standard error at each convolution. There oneDNN is held to AVX, and torch does not ask NNPACK.
/// </summary>
internal static unsafe partial class HiddenCaches
{
    private const string Limit = "ONEDNN_MAX_CPU_ISA";
    private const uint IntelCaches = 4,
        AmdLeaves = 0x80000000,
        AmdCaches = 0x8000001D;

    /// <summary>Whether this machine hides them.</summary>
    internal static bool AreHere => X86Base.IsSupported && AreHidden(leaf => (uint)X86Base.CpuId((int)leaf, 0).Eax);

    /// <summary>Called before torch computes; it loads torch, where it is there, on such machines alone.</summary>
    public static void ReckonWith()
    {
        if (!AreHere)
        {
            return;
        }

        // oneDNN reads it before its first computation. What asks for less stays.
        if (Environment.GetEnvironmentVariable(Limit)?.ToUpperInvariant() is not ("SSE41" or "AVX"))
        {
            Environment.SetEnvironmentVariable(Limit, "AVX");
            if (OperatingSystem.IsLinux())
            {
                _ = SetNative(Limit, "AVX", 1); // .NET keeps a copy of its own
            }
        }

        // C++'s names, as compilers on Linux write them; elsewhere x64 has no NNPACK.
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

    /// <summary>Whether neither Intel's nor AMD's account of the caches names one.</summary>
    /// <param name="eax">Register EAX after CPUID of a leaf, its first part.</param>
    internal static bool AreHidden(Func<uint, uint> eax)
    {
        return !Names(IntelCaches, eax(0)) && !Names(AmdCaches, eax(AmdLeaves));

        // Bits 0 to 4 are the kind of cache; 0 is none.
        bool Names(uint leaf, uint last) => last >= leaf && (eax(leaf) & 0x1F) != 0;
    }

    [LibraryImport("libc.so.6", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetNative(string name, string value, int overwrite);
}
