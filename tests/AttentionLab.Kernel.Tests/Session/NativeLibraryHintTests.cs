using System.Runtime.InteropServices;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Tests.Session;

public sealed class NativeLibraryHintTests
{
    [Fact]
    public void A_library_that_does_not_load_gets_advice_for_its_system()
    {
        var missing = new TypeInitializationException("torch", new DllNotFoundException("LibTorchSharp"));
        var torch = new NotSupportedException(
            "This application uses TorchSharp but doesn't contain a reference to libtorch-cpu."
        );
        foreach (Exception e in (Exception[])[missing, torch])
        {
            Assert.Contains(
                "Visual C++",
                NativeLibraryHint.For(e, windows: true, mac: false, Architecture.X64),
                StringComparison.Ordinal
            );
            Assert.Contains(
                "x64",
                NativeLibraryHint.For(e, windows: false, mac: false, Architecture.Arm64),
                StringComparison.Ordinal
            );
            Assert.Null(NativeLibraryHint.For(e, windows: false, mac: true, Architecture.Arm64));
            Assert.Null(NativeLibraryHint.For(e, windows: false, mac: false, Architecture.X64));
        }

        Assert.Equal(
            "This system's C++ library is older than the package's native library wants (GLIBCXX_3.4.32): Debian 13 and Ubuntu 24.04 "
                + "have it.",
            NativeLibraryHint.For(
                new TypeInitializationException(
                    "torch",
                    new DllNotFoundException(
                        "libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by libLibTorchSharp.so)"
                    )
                ),
                windows: false,
                mac: false,
                Architecture.X64
            )
        );
        Assert.Null(NativeLibraryHint.For(new NotSupportedException("other"), windows: true, mac: false, Architecture.X64));
    }
}
