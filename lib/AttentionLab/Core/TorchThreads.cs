using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace AttentionLab.Core;

/// <summary>
/// Loops on the threads that torch computes with. Threads of .NET would share the cores with torch's, which spin while they wait
/// for work.
/// </summary>
internal static unsafe class TorchThreads
{
    private static readonly Lock OneAtATime = new();

    private static readonly Lazy<OpenMP?> Pool = new(OpenMP.Find);

    private static Loop? _loop;

    /// <summary>Whether loops run on as many threads as torch uses; where its OpenMP is not known, one does all.</summary>
    public static bool AreAll => get_num_threads() == 1 || Pool.Value is not null;

    /// <summary>Calls work with each of 0 to count − 1, in any order. Loops of several callers run one after the other.</summary>
    public static void For(int count, Action<int> work)
    {
        int threads = Math.Min(get_num_threads(), count);
        var loop = new Loop(count, work);
        if (threads <= 1 || Pool.Value is not { } pool)
        {
            loop.Take();
        }
        else
        {
            lock (OneAtATime)
            {
                _loop = loop;
                pool.Fork(threads);
                _loop = null;
            }
        }

        loop.Error?.Throw();
    }

    private static void Take() => _loop!.Take();

    private sealed class Loop(int count, Action<int> work)
    {
        private int _taken;

        public ExceptionDispatchInfo? Error { get; private set; }

        /// <summary>Works until nothing is left. An exception is kept, because it must not pass through OpenMP.</summary>
        public void Take()
        {
            try
            {
                for (int i; (i = Interlocked.Increment(ref _taken) - 1) < count; )
                {
                    work(i);
                }
            }
            catch (Exception e)
            {
                Error = ExceptionDispatchInfo.Capture(e);
                Interlocked.Exchange(ref _taken, count);
            }
        }
    }

    /// <summary>The OpenMP library in this process: GNU's, which torch has on Linux, or LLVM's, which is also Intel's.</summary>
    private sealed class OpenMP
    {
        private const int CompilerUsesLibrary = 2; // of an ident_t's flags

        private readonly nint _fork,
            _setThreads,
            _threadNumber;

        // LLVM's ident_t, the place in the source: four integers, the second of them flags, and a text.
        private readonly nint _place;

        private OpenMP(nint fork) => _fork = fork;

        private OpenMP(nint fork, nint setThreads, nint threadNumber)
        {
            (_fork, _setThreads, _threadNumber) = (fork, setThreads, threadNumber);
            _place = (nint)NativeMemory.AllocZeroed((4 * sizeof(int)) + (nuint)sizeof(nint));
            ((int*)_place)[1] = CompilerUsesLibrary;
            ((nint*)_place)[2] = Marshal.StringToCoTaskMemUTF8(";AttentionLab;TorchThreads;0;0;;");
        }

        /// <summary>Null where there is none, or another.</summary>
        public static OpenMP? Find()
        {
            using var process = Process.GetCurrentProcess();
            foreach (ProcessModule module in process.Modules)
            {
                string name = module.ModuleName;
                if (name.StartsWith("libgomp", StringComparison.OrdinalIgnoreCase) && Exports(out nint fork, "GOMP_parallel"))
                {
                    return new OpenMP(fork);
                }

                if (
                    (
                        name.StartsWith("libiomp5", StringComparison.OrdinalIgnoreCase)
                        || name.StartsWith("libomp", StringComparison.Ordinal)
                    )
                    && Exports(out fork, "__kmpc_fork_call")
                    && Exports(out nint setThreads, "__kmpc_push_num_threads")
                    && Exports(out nint threadNumber, "__kmpc_global_thread_num")
                )
                {
                    return new OpenMP(fork, setThreads, threadNumber);
                }

                bool Exports(out nint address, string function)
                {
                    address = 0;
                    return NativeLibrary.TryLoad(module.FileName, out nint library)
                        && NativeLibrary.TryGetExport(library, function, out address);
                }
            }

            return null;
        }

        /// <summary>Each of the threads takes from the loop.</summary>
        public void Fork(int threads)
        {
            if (_place == 0)
            {
                // void GOMP_parallel(void (*function)(void*), void* data, unsigned threads, unsigned flags)
                var fork = (delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<nint, void>, nint, uint, uint, void>)_fork;
                fork(&TakeOfGnu, 0, (uint)threads, 0);
            }
            else
            {
                // void __kmpc_push_num_threads(ident_t*, int thread, int threads)
                // void __kmpc_fork_call(ident_t*, int arguments, void (*function)(int*, int*, ...), ...)
                var threadNumber = (delegate* unmanaged[Cdecl]<nint, int>)_threadNumber;
                var setThreads = (delegate* unmanaged[Cdecl]<nint, int, int, void>)_setThreads;
                var fork = (delegate* unmanaged[Cdecl]<nint, int, delegate* unmanaged[Cdecl]<int*, int*, void>, void>)_fork;
                setThreads(_place, threadNumber(_place), threads);
                fork(_place, 0, &TakeOfLlvm);
            }
        }

        [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
        private static void TakeOfGnu(nint data) => Take();

        [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
        private static void TakeOfLlvm(int* thread, int* threadOfTeam) => Take();
    }
}
