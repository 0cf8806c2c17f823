using AttentionLab.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Core;

public class TorchThreadsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Each_number_is_worked_on_once(int threads)
    {
        int[] calls = new int[1000];
        Torch.WithThreads(threads, () => TorchThreads.For(calls.Length, i => Interlocked.Increment(ref calls[i])));

        Assert.All(calls, count => Assert.Equal(1, count));
    }

    [Fact]
    public void Two_threads_work_at_the_same_time()
    {
        Torch.WithThreads(2, () => Assert.SkipUnless(TorchThreads.AreAll, "Torch has an OpenMP here that loops do not know."));
        using var both = new Barrier(2);
        bool[] met = new bool[2];

        Torch.WithThreads(2, () => TorchThreads.For(2, i => met[i] = both.SignalAndWait(TimeSpan.FromSeconds(60))));

        Assert.Equal([true, true], met);
    }

    [Fact]
    public void Loops_of_two_callers_do_not_mix()
    {
        int[][] calls = [new int[200], new int[200]];
        Thread[] callers = [.. calls.Select(each => new Thread(() => Count(each)))];

        Torch.WithThreads(
            2,
            () =>
            {
                Array.ForEach(callers, caller => caller.Start());
                Array.ForEach(callers, caller => caller.Join());
            }
        );

        Assert.All(calls.SelectMany(each => each), count => Assert.Equal(50, count));

        static void Count(int[] calls)
        {
            for (int round = 0; round < 50; round++)
            {
                TorchThreads.For(calls.Length, i => Interlocked.Increment(ref calls[i]));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_exception_reaches_the_caller_and_the_next_loop_runs(int threads)
    {
        int calls = 0;
        var error = Assert.Throws<InvalidOperationException>(() =>
            Torch.WithThreads(threads, () => TorchThreads.For(100, i => throw new InvalidOperationException($"at {i}")))
        );
        Torch.WithThreads(threads, () => TorchThreads.For(100, _ => Interlocked.Increment(ref calls)));

        Assert.StartsWith("at ", error.Message);
        Assert.Equal(100, calls);
    }

    [Fact]
    public void Nothing_is_done_for_none() => TorchThreads.For(0, _ => Assert.Fail("called"));

    [Fact]
    public void Tensors_of_another_thread_have_their_own_scopes()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor sums = zeros(8);
        Torch.WithThreads(
            2,
            () =>
                TorchThreads.For(
                    8,
                    i =>
                    {
                        using DisposeScope own = NewDisposeScope();
                        sums[i] = ones(4, i + 1).mm(ones(i + 1, 4)).sum();
                    }
                )
        );

        Assert.Equal([16, 32, 48, 64, 80, 96, 112, 128], sums.data<float>().ToArray());
    }
}
