using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AttentionLab.Kernel.Jupyter;

/// <summary>Tells when the program that started the kernel is gone: a kernel without one would stay for ever.</summary>
internal static class ParentWatch
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Calls <paramref name="gone"/> when the parent process has ended, or the process that JPY_PARENT_PID names: Jupyter sets it
    /// to a process number, on Windows to a handle. One that names nothing is said in the log and passed over.
    /// </summary>
    public static void Start(Action gone, Action<string> log)
    {
        string? variable = Environment.GetEnvironmentVariable("JPY_PARENT_PID");
        bool named = nint.TryParse(variable, CultureInfo.InvariantCulture, out nint jupyter) && jupyter > 0;
        if (!named && !string.IsNullOrEmpty(variable))
        {
            log($"JPY_PARENT_PID is \"{variable}\", which names no process. The kernel watches the process that started it.");
        }

        var ended = new List<Func<bool>>();
        if (OperatingSystem.IsWindows())
        {
            if (named && GetHandleInformation(jupyter, out _))
            {
                var handle = new ManualResetEvent(false) { SafeWaitHandle = new SafeWaitHandle(jupyter, ownsHandle: false) };
                ended.Add(() => handle.WaitOne(0));
            }
            else if (
                NtQueryInformationProcess(
                    -1,
                    0,
                    out ProcessBasicInformation own,
                    Marshal.SizeOf<ProcessBasicInformation>(),
                    out _
                ) == 0
            )
            {
                ended.Add(HasEnded((int)own.Parent));
            }
        }
        else
        {
            // A process whose parent ends is given to another; process 1 of a container stays.
            int parent = getppid();
            ended.Add(() => getppid() != parent);
            if (named && jupyter != parent)
            {
                ended.Add(HasEnded((int)Math.Min(jupyter, int.MaxValue)));
            }
        }

        new Thread(() =>
        {
            try
            {
                while (!ended.Any(test => test()))
                {
                    Thread.Sleep(Pause);
                }
            }
            catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception or IOException)
            {
                log(
                    $"The process that started the kernel cannot be watched: {e.Message} The kernel stays until it is shut down."
                );
                return;
            }

            gone();
        })
        {
            IsBackground = true,
            Name = "Parent watch",
        }.Start();
    }

    // A number that names no process, or a younger one, tells nothing: the launcher ended before the kernel came up.
    private static Func<bool> HasEnded(int id)
    {
        try
        {
            var process = Process.GetProcessById(id);
            return process.StartTime <= Process.GetCurrentProcess().StartTime ? () => process.HasExited : () => false;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return () => false;
        }
    }

    [DllImport("libc")]
    private static extern int getppid();

    [DllImport("kernel32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool GetHandleInformation(nint handle, out uint flags);

    [DllImport("ntdll")]
    private static extern int NtQueryInformationProcess(
        nint process,
        int kind,
        out ProcessBasicInformation information,
        int size,
        out int written
    );

    [StructLayout(LayoutKind.Sequential)]
    private struct ProcessBasicInformation
    {
        public nint ExitStatus,
            Environment,
            Affinity,
            Priority,
            Id,
            Parent;
    }
}
