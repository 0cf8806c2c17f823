using AttentionLab.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Host.Tests.Exploring;

/// <summary>A network that takes its time for each pass, and counts the passes.</summary>
internal sealed class SlowNetwork : Module<Tensor, Tensor>
{
    private readonly SeCnn inner;
    private int _passes;

    public SlowNetwork(SeCnn inner)
        : base(nameof(SlowNetwork))
    {
        this.inner = inner;
        RegisterComponents();
    }

    /// <summary>How long a pass takes at least.</summary>
    public TimeSpan Pause { get; set; }

    /// <summary>How many were asked for.</summary>
    public int Passes => Volatile.Read(ref _passes);

    public override Tensor forward(Tensor input)
    {
        Interlocked.Increment(ref _passes);
        Thread.Sleep(Pause);
        return inner.call(input);
    }
}
