using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>What is explained: a class's logit, the difference of two, or any number computed from the logits, one for each picture.</summary>
public sealed class Target
{
    private readonly string _name;
    private readonly Func<Tensor, TargetScore> _resolve;

    private Target(string name, Func<Tensor, TargetScore> resolve)
    {
        _name = name;
        _resolve = resolve;
    }

    /// <summary>For each picture the class that the model predicts for it.</summary>
    public static Target Predicted { get; } = new("predicted class", logits =>
    {
        using Tensor best = logits.detach().argmax(1);
        using Tensor onCpu = best.cpu();
        return TargetScore.OfClasses(onCpu.data<long>().ToArray());
    });

    /// <summary>One class for all pictures.</summary>
    /// <param name="index">From 0; that the model has such a class is checked when it is used.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static Target Class(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return new($"class {index}", logits => TargetScore.OfClasses([.. Enumerable.Repeat((long)CheckClass(index, logits), (int)logits.shape[0])]));
    }

    /// <summary>A class for each picture.</summary>
    /// <param name="onePerPicture">As many as there are pictures, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public static Target Classes(params IEnumerable<int> onePerPicture)
    {
        int[] classes = [.. onePerPicture];
        foreach (int index in classes)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index, nameof(onePerPicture));
        }

        return new($"classes {string.Join(", ", classes)}", logits => classes.Length == logits.shape[0]
            ? TargetScore.OfClasses([.. classes.Select(index => (long)CheckClass(index, logits))])
            : throw new ArgumentException($"There are {classes.Length} classes for {logits.shape[0]} pictures; name one for each.", nameof(onePerPicture)));
    }

    /// <summary>Why one class and not another: the difference of their logits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    /// <exception cref="ArgumentException">Both are the same class.</exception>
    public static Target Difference(int why, int whyNot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(why);
        ArgumentOutOfRangeException.ThrowIfNegative(whyNot);
        if (why == whyNot)
        {
            throw new ArgumentException($"A class differs from itself by nothing: both are {why}.", nameof(whyNot));
        }

        return new($"class {why} and not {whyNot}", logits =>
        {
            CheckClass(why, logits);
            CheckClass(whyNot, logits);
            return new TargetScore(null, (l, _) => l.select(1, why) - l.select(1, whyNot));
        });
    }

    /// <summary>Any score.</summary>
    /// <param name="name">What it is called in results.</param>
    /// <param name="score">From logits N×K to N numbers, each picture's from its own logits only, by operations that have a gradient.</param>
    public static Target Score(string name, Func<Tensor, Tensor> score)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(score);
        return new(name, _ => new TargetScore(null, (logits, _) => score(logits)));
    }

    /// <summary>In words: "class 3", "class 3 and not 5".</summary>
    public override string ToString() => _name;

    /// <summary>Settles, on the pictures' logits N×K, what is explained of each picture.</summary>
    /// <exception cref="InvalidOperationException">The model put out something other than N×K logits.</exception>
    internal TargetScore Resolve(Tensor logits, long pictures) =>
        logits.dim() == 2 && logits.shape[0] == pictures && logits.shape[1] > 0 && logits.is_floating_point()
            ? _resolve(logits)
            : throw new InvalidOperationException($"For {pictures} pictures the model put out {string.Join('×', logits.shape)} of {logits.dtype}; an explanation asks for logits, pictures × classes.");

    private static int CheckClass(int index, Tensor logits) => index < logits.shape[1]
        ? index
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"The model has classes 0 to {logits.shape[1] - 1}; there is no class {index}.");
}
