using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace AttentionLab.Kernel.Session;

/// <summary>What to do about a native library that does not load: the loader's own words name the wrong culprit.</summary>
internal static partial class NativeLibraryHint
{
    /// <summary>
    /// A sentence for a reader of this machine; null for an exception of another kind, or where there is nothing to advise.
    /// </summary>
    public static string? For(Exception exception) =>
        For(exception, OperatingSystem.IsWindows(), OperatingSystem.IsMacOS(), RuntimeInformation.ProcessArchitecture);

    /// <summary>A sentence for a reader of a machine.</summary>
    public static string? For(Exception exception, bool windows, bool mac, Architecture architecture) =>
        !IsLoadFailure(exception) ? null
        : architecture == Architecture.Arm64 && !mac
            ? "libtorch is not built for Arm on Windows and Linux: use the x64 build of .NET."
        : windows
            ? "On Windows, libtorch needs the Visual C++ 2015–2022 redistributable (x64): "
                + "https://aka.ms/vs/17/release/vc_redist.x64.exe"
        : Newer().Match(exception.GetBaseException().Message) is { Success: true } version
            ? $"This system's C++ library is older than the package's native library wants ({version.Value}): Debian 13 and Ubuntu "
                + "24.04 have it."
        : null;

    // TorchSharp turns the loader's exception into its own, which says that a package is not referenced.
    private static bool IsLoadFailure(Exception exception) =>
        exception is DllNotFoundException
        || (
            exception is NotSupportedException
            && exception.Message.Contains("TorchSharp", StringComparison.Ordinal)
            && exception.Message.Contains("libtorch", StringComparison.Ordinal)
        )
        || (exception is TypeInitializationException { InnerException: { } inner } && IsLoadFailure(inner));

    // The loader of Linux, of libstdc++.
    [GeneratedRegex(@"GLIBCXX_[\d.]+(?=' not found)")]
    private static partial Regex Newer();
}
