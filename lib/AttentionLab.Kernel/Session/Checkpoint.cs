using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// Where a cell's code can be stopped, on whatever thread it runs and after any await, and where a recursion without end becomes
/// an exception instead of the end of the process. <see cref="CheckpointInsertion"/> writes the calls into cells; nobody writes
/// them by hand.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static unsafe class Checkpoint
{
    /// <summary>How many cheap rounds a loop makes before it looks: microseconds.</summary>
    internal const int RoundsAtOnce = 1024;

    /// <summary>How many rounds a loop of such loops makes before it looks.</summary>
    internal const int OuterRoundsAtOnce = 64;

    // A page of 64 KB of some thread's stack: bits 16 to 31 of an address are its place in the table, bits 32 to 47 what stands
    // there.
    private const int Pages = 1 << 16;
    private const ushort Unknown = ushort.MaxValue; // no address of a user's process starts with it
    private const int PagesInBlock = 16;
    private const int BlockBits = 20;

    // Bytes kept free at the end of the cells' stack, for functions with large frames that do not check the stack, or check it
    // when their frame lies on it already.
    private const int Reserve = 1 << 20;

    // Bytes that a thread's stack has at least: what is checked leaves 128 KB and more.
    private const int SmallestStack = 1 << 20;

    // Bytes kept free at the end of other threads' stacks, beside those that the runtime wants: a few `catch` clauses whose own
    // exceptions are thrown while the first still lies on the stack.
    private const int RoomToCatch = 128 << 10;

    // An async function rethrows what it awaits with the trace so far. Of many that await each other the first ones do.
    private const int Traced = 20;

    // Through how many async functions a stop goes: a fraction of a second. Those further out, of which there may be millions,
    // never go on.
    private const int MostUnwound = 10_000;

    private static readonly object s_functionsLeft = new(); // names how many functions an exception left

    // Code that looks at its token by itself, as a training loop does at its next batch, ends in its own way first.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(400);

    // Goes wherever the cell's code goes: a loop that an earlier cell left on another thread is not stopped with this one.
    private static readonly AsyncLocal<RunningCell?> s_cell = new(Moved);

    // What looks before a delegate, by the delegate.
    private static readonly ConditionalWeakTable<Delegate, Delegate> s_looking = [];

    // The pages in which code may call further without asking: at least as much stack is left below them.
    private static readonly ushort* s_roomy = AllUnknown();

    // A megabyte of the stack of the thread that ran the cell's code last, all of it roomy: most calls are in it, and one
    // comparison lets them pass.
    private static nuint s_block;

    // The pages around the last that was asked for. An object, so that no thread reads the start of one stretch with the length
    // of another.
    private static Stretch s_stretch = Stretch.Empty;
    private static int s_pageOwner;
    private static int s_misses;

    // The part of this thread's stack that leaves enough room below it; empty on threads other than the cells'.
    [ThreadStatic]
    private static (nuint Start, nuint End) t_stack;

    private static long s_graceEnd;

    /// <summary>
    /// Whether a cell was asked to stop. A loop reads it in each round and calls <see cref="StopHere"/>: a field costs less than
    /// a call as long as the code is not optimized.
    /// </summary>
    [SuppressMessage(
        "Design",
        "CA1051:Do not declare visible instance fields",
        Justification = "Read in each round of a cell's loops."
    )]
    [SuppressMessage(
        "Usage",
        "CA2211:Non-constant fields should not be visible",
        Justification = "Read in each round of a cell's loops."
    )]
    public static volatile bool Stopping;

    /// <summary>Lets code go on, unless its cell was asked to stop.</summary>
    /// <exception cref="OperationCanceledException">The cell was asked to stop.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Look()
    {
        if (Stopping)
        {
            StopHere();
        }
    }

    /// <summary>The same where a statement cannot stand.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="OperationCanceledException">The cell was asked to stop.</exception>
    public static T Pass<T>(T value)
    {
        Look();
        return value;
    }

    /// <summary>
    /// Stands after an await: what the cell waited for may come when it was stopped long ago and others have run since.
    /// </summary>
    /// <exception cref="OperationCanceledException">The cell was asked to stop.</exception>
    public static void Resumed()
    {
        if (s_cell.Value is { CancellationToken.IsCancellationRequested: true })
        {
            StopHere();
        }
    }

    /// <summary>The same where a statement cannot stand.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="OperationCanceledException">The cell was asked to stop.</exception>
    public static T Resumed<T>(T value)
    {
        Resumed();
        return value;
    }

    /// <summary>A function that looks before it calls another; the same one for the same function. Null for null.</summary>
    [return: NotNullIfNotNull(nameof(called))]
    public static Func<T, TResult>? Looking<T, TResult>(Func<T, TResult>? called) =>
        Looking(
            called,
            static called =>
                value =>
                {
                    Look();
                    return called(value);
                }
        );

    /// <summary>The same of two arguments.</summary>
    [return: NotNullIfNotNull(nameof(called))]
    public static Func<T1, T2, TResult>? Looking<T1, T2, TResult>(Func<T1, T2, TResult>? called) =>
        Looking(
            called,
            static called =>
                (first, second) =>
                {
                    Look();
                    return called(first, second);
                }
        );

    private static T? Looking<T>(T? called, Func<T, T> looking)
        where T : Delegate => called is null ? null : (T)s_looking.GetValue(called, each => looking((T)each));

    /// <summary>
    /// Whether a function that calls others is to ask before it begins: its cell was asked to stop, or it is not known whether
    /// enough stack is left. A condition, because the compiler writes a function into others more readily that begins with one.
    /// </summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MustAsk()
    {
        // The same comparison answers both questions: a stop makes all pages unknown.
        Unsafe.SkipInit(out nuint here);
        nuint address = (nuint)(&here);
        if (address >> BlockBits == s_block)
        {
            return false;
        }

        Stretch stretch = s_stretch;
        return address - stretch.Start >= stretch.Length;
    }

    /// <summary>Lets a function that calls others begin, unless its cell was asked to stop or too little stack is left.</summary>
    /// <exception cref="OperationCanceledException">The cell was asked to stop.</exception>
    /// <exception cref="InsufficientExecutionStackException">Functions call each other without end, or nearly so.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Ask()
    {
        byte here;
        LookUp((nuint)(&here));
    }

    /// <summary>
    /// The same with a function's floating-point parameters handed through, as in <see cref="StopHere{T}"/>: they stay in
    /// registers from call to call.
    /// </summary>
    /// <param name="numbers">One number, or a tuple of them.</param>
    /// <returns><paramref name="numbers"/>.</returns>
    /// <exception cref="OperationCanceledException">The cell was asked to stop.</exception>
    /// <exception cref="InsufficientExecutionStackException">Functions call each other without end, or nearly so.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static T Ask<T>(T numbers)
    {
        Ask();
        return numbers;
    }

    /// <summary>The same in a call of its own.</summary>
    /// <exception cref="OperationCanceledException">The cell was asked to stop.</exception>
    /// <exception cref="InsufficientExecutionStackException">Functions call each other without end, or nearly so.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void CallApart()
    {
        if (MustAsk())
        {
            Ask();
        }
    }

    /// <summary>The same where a statement cannot stand.</summary>
    /// <returns>Always true.</returns>
    public static bool Called()
    {
        if (MustAsk())
        {
            Ask();
        }

        return true;
    }

    /// <summary>
    /// Stands first in each <c>catch</c> of a cell: whoever catches the exception by which a library stopped was interrupted.
    /// </summary>
    public static void Caught()
    {
        if (s_cell.Value is { CancellationToken.IsCancellationRequested: true, WasCancelled: true } cell)
        {
            cell.WasInterrupted = true;
        }
    }

    /// <summary>
    /// Stands in the filter of each <c>catch</c>: an exception thrown in one takes 15 KB of stack until the outermost has ended,
    /// so that a recursion that catches and throws at each level would overflow it. At its end they are left out.
    /// </summary>
    /// <returns>Whether code can still run on this thread's stack.</returns>
    public static bool HasRoom() => RuntimeHelpers.TryEnsureSufficientExecutionStack();

    /// <summary>Whether an exception ends the cell, however deep its code stands in calls.</summary>
    public static bool Stops(Exception exception) =>
        exception is InsufficientExecutionStackException || IsStop(exception, s_cell.Value);

    /// <summary>
    /// Throws such an exception anew, for an async function to end with: the runtime would copy its trace in each function, and
    /// take minutes over some thousands that await each other.
    /// </summary>
    public static Task UnwindAsync(Exception exception)
    {
        int left = exception.Data[s_functionsLeft] is int before ? before + 1 : 1;
        exception.Data[s_functionsLeft] = left;
        if (left <= Traced)
        {
            return Task.CompletedTask; // who awaits it rethrows
        }

        RunningCell? cell = s_cell.Value;
        Exception anew;
        if (!IsStop(exception, cell))
        {
            anew = Full(exception.InnerException ?? exception);
        }
        else if (left <= MostUnwound)
        {
            anew = new OperationCanceledException(exception.Message, cell!.CancellationToken);
        }
        else
        {
            cell!.GiveUp();
            return new TaskCompletionSource().Task; // nobody holds what waits for it
        }

        anew.Data[s_functionsLeft] = left;
        throw anew;
    }

    private static bool IsStop(Exception exception, RunningCell? cell) =>
        exception is OperationCanceledException stop
        && cell?.CancellationToken.IsCancellationRequested == true
        && stop.CancellationToken == cell.CancellationToken;

    /// <summary>Stops the code that calls, if its cell was asked to stop.</summary>
    /// <exception cref="OperationCanceledException">The cell was asked to stop.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void StopHere()
    {
        if (
            Environment.TickCount64 >= Volatile.Read(ref s_graceEnd)
            && s_cell.Value is { CancellationToken: { IsCancellationRequested: true } token } cell
        )
        {
            cell.WasInterrupted = true;
            throw new OperationCanceledException("The cell was interrupted.", token);
        }
    }

    /// <summary>
    /// The same with what a loop sums up handed through. A call loses the registers that hold floating-point numbers, and the
    /// compiler would keep a number that is needed after it in memory in each round.
    /// </summary>
    /// <param name="numbers">One number, or a tuple of them.</param>
    /// <returns><paramref name="numbers"/>.</returns>
    /// <exception cref="OperationCanceledException">The cell was asked to stop.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static T StopHere<T>(T numbers)
    {
        StopHere();
        return numbers;
    }

    /// <summary>How many bytes of stack a thread gets that a cell makes.</summary>
    /// <param name="size">How many it asks for; 0 for the usual.</param>
    public static int StackSize(int size) => size is > 0 and < SmallestStack ? SmallestStack : size;

    /// <summary>Stands for <see cref="Environment.Exit"/> in cells.</summary>
    /// <exception cref="InvalidOperationException">Always: a cell does not end the process that holds the notebook's
    /// variables.</exception>
    [DoesNotReturn]
    public static void Exit(int exitCode) => FailFast($"{exitCode}");

    /// <summary>Stands for <see cref="Environment.FailFast(string, Exception)"/> in cells.</summary>
    /// <exception cref="InvalidOperationException">Always, as in <see cref="Exit"/>.</exception>
    [DoesNotReturn]
    public static void FailFast(string? message, Exception? exception = null) =>
        throw new InvalidOperationException(
            "Environment.Exit and Environment.FailFast would end the notebook's process and lose all its variables, so the "
                + "cell ends here"
                + " instead. To end a cell early, write `return;`. To start anew, restart the kernel."
        );

    /// <summary>
    /// Runs work on this thread's stack from the start of a block, so that a recursion goes deep before it leaves it.
    /// </summary>
    /// <param name="stackSize">How many bytes the thread's stack has; at least some megabytes.</param>
    /// <param name="work">The work.</param>
    internal static void RunInBlock(int stackSize, Action work)
    {
        byte here;
        nuint end = (nuint)(&here);
        t_stack = (end - (nuint)(stackSize - Reserve), end);
        byte* skipped = stackalloc byte[(int)(end & ((1 << BlockBits) - 1)) + 1];
        *skipped = 0;
        work();
    }

    /// <summary>What runs from here on, and what it starts, belongs to a cell.</summary>
    internal static void Enter(RunningCell cell)
    {
        s_cell.Value = cell;
        Stopping = false;
        ForgetPages();
        if (cell.CancellationToken.IsCancellationRequested)
        {
            Stop();
        }
    }

    /// <summary>From now on checkpoints look at their cell's token.</summary>
    internal static void Stop()
    {
        Volatile.Write(ref s_graceEnd, Environment.TickCount64 + (long)Grace.TotalMilliseconds);
        Stopping = true;
        Interlocked.MemoryBarrier();
        ForgetPages();
    }

    // The cell's code came to a thread, or left it.
    private static void Moved(AsyncLocalValueChangedArgs<RunningCell?> change)
    {
        if (change.CurrentValue is not null)
        {
            s_pageOwner = Environment.CurrentManagedThreadId;
        }

        if (Thread.CurrentThread.IsThreadPoolThread && change.PreviousValue != change.CurrentValue)
        {
            change.PreviousValue?.LeavePoolThread();
            change.CurrentValue?.EnterPoolThread();
        }
    }

    private static void LookUp(nuint address)
    {
        if (!IsRoomy(address >> 16))
        {
            LookAround(address);
        }
        else if (s_pageOwner == Environment.CurrentManagedThreadId && (++s_misses & 63) == 0)
        {
            Remember(address >> 16); // not at each miss: calls may go to and fro between two threads
        }
    }

    private static bool IsRoomy(nuint page) => s_roomy[(ushort)page] == (ushort)(page >> 16);

    // A recursion thousands of calls deep lies in several pages.
    private static void Remember(nuint page)
    {
        nuint first = page;
        nuint end = page + 1;
        while (IsRoomy(first - 1))
        {
            first--;
        }

        while (IsRoomy(end))
        {
            end++;
        }

        nuint block = page / PagesInBlock;
        s_block = first <= block * PagesInBlock && end >= (block + 1) * PagesInBlock ? block : 0;
        s_stretch = new Stretch(first << 16, (end - first) << 16);
        Interlocked.MemoryBarrier();
        if (Stopping)
        {
            ForgetStretch(); // it may have been written after the stop made all unknown
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LookAround(nuint address)
    {
        // The runtime wants 128 KB below this place, so 64 KB are left below its page.
        if (address < t_stack.Start || !(t_stack.Start > 0 ? HasRoom() : HasRoomBelow()))
        {
            throw Full();
        }

        if (Stopping)
        {
            StopHere();
            return;
        }

        nuint page = address >> 16;
        nuint start = page / PagesInBlock * PagesInBlock;
        nuint end = start + PagesInBlock;
        if (start << 16 < t_stack.Start || end << 16 > t_stack.End)
        {
            (start, end) = (page, page + 1);
        }

        for (nuint roomy = start; roomy < end; roomy++)
        {
            s_roomy[(ushort)roomy] = (ushort)(roomy >> 16);
        }

        Interlocked.MemoryBarrier();
        if (Stopping)
        {
            ForgetPages(); // as in Remember
        }

        Remember(page);
    }

    // On a thread whose stack's end nobody knows.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool HasRoomBelow()
    {
        if (!HasRoom())
        {
            return false;
        }

        byte* taken = stackalloc byte[RoomToCatch];
        *taken = 0;
        return HasRoom();
    }

    private static InsufficientExecutionStackException Full(Exception? first = null) =>
        new("The stack is full: functions call each other too deep. Does a recursion lack its end?", first);

    private static void ForgetPages()
    {
        new Span<ushort>(s_roomy, Pages).Fill(Unknown);
        ForgetStretch();
    }

    private static void ForgetStretch()
    {
        s_block = 0;
        s_stretch = Stretch.Empty;
    }

    private static ushort* AllUnknown()
    {
        ushort* pages = (ushort*)NativeMemory.Alloc(Pages * sizeof(ushort));
        new Span<ushort>(pages, Pages).Fill(Unknown);
        return pages;
    }

    private sealed class Stretch(nuint start, nuint length)
    {
        public static readonly Stretch Empty = new(0, 0);
        public readonly nuint Start = start;
        public readonly nuint Length = length;
    }
}
