using System.Diagnostics.CodeAnalysis;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Jupyter;

/// <summary>
/// What native code writes to descriptor 1 becomes the running cell's output: a pipe takes the descriptor's place. Linux and
/// macOS; on Windows every C runtime has its own descriptors, and native output stays on the kernel's own console.
/// </summary>
internal sealed class NativeOutput
{
    private const int StandardOutput = 1;

    private volatile TaskCompletionSource? _flush;

    private NativeOutput()
    {
        var pipe = new AnonymousPipeServerStream(PipeDirection.In);
        if (dup2((int)pipe.ClientSafePipeHandle.DangerousGetHandle(), StandardOutput) < 0)
        {
            throw new IOException($"Descriptor 1 could not be replaced (error {Marshal.GetLastPInvokeError()}).");
        }

        pipe.DisposeLocalCopyOfClientHandle();
        new Thread(() => Read(pipe)) { IsBackground = true, Name = "Native output" }.Start();
    }

    /// <summary>Redirects; null where that cannot be done.</summary>
    public static NativeOutput? TryRedirect() => OperatingSystem.IsWindows() ? null : new NativeOutput();

    /// <summary>Waits until all that native code wrote so far has been passed on.</summary>
    public void Flush()
    {
        var flush = new TaskCompletionSource();
        _flush = flush;
        _ = fflush(0);
        byte mark = 0; // text does not hold it
        if (write(StandardOutput, ref mark, 1) == 1)
        {
            flush.Task.Wait(TimeSpan.FromSeconds(1));
        }
    }

    private void Read(Stream pipe)
    {
        Decoder decoder = Encoding.UTF8.GetDecoder();
        byte[] bytes = new byte[8192];
        char[] characters = new char[8192];
        while (pipe.Read(bytes) is > 0 and var read)
        {
            string[] pieces = new string(characters, 0, decoder.GetChars(bytes, 0, read, characters, 0)).Split('\0');
            for (int i = 0; i < pieces.Length; i++)
            {
                if (i > 0)
                {
                    _flush?.TrySetResult();
                }

                if (pieces[i].Length > 0)
                {
                    RunningCell.Current?.Output.Write("stdout", pieces[i]);
                }
            }
        }
    }

    [DllImport("libc", SetLastError = true)]
    [SuppressMessage("Style", "IDE1006", Justification = "C's names.")]
    private static extern int dup2(int from, int to);

    [DllImport("libc")]
    private static extern int fflush(nint file);

    [DllImport("libc")]
    private static extern nint write(int file, ref byte bytes, nint count);
}
