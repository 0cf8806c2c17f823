using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>What is explained: a class's logit, the difference of two, or any number computed from the logits, one for each picture.</summary>
public sealed class Target
{
    private readonly string _name;
    private readonly Func<Tensor, int, int, TargetScore> _resolve;

    private Target(string name, Func<Tensor, int, int, TargetScore> resolve)
    {
        _name = name;
        _resolve = resolve;
    }

    /// <summary>For each picture the class that the model predicts for it.</summary>
    public static Target Predicted { get; } =
        new(
            "predicted class",
            (logits, _, _) =>
            {
                using Tensor best = logits.detach().argmax(1);
                using Tensor onCpu = best.cpu();
                return TargetScore.OfClasses(onCpu.data<long>().ToArray());
            }
        );

    /// <summary>One class for all pictures.</summary>
    /// <param name="index">From 0; that the model has such a class is checked when it is used.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static Target Class(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return new(
            $"class {index}",
            (logits, _, _) => TargetScore.OfClasses([.. Enumerable.Repeat((long)CheckClass(index, logits), (int)logits.shape[0])])
        );
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

        return new(
            $"classes {string.Join(", ", classes)}",
            (logits, first, total) =>
                classes.Length == total
                    ? TargetScore.OfClasses([
                        .. classes.Skip(first).Take((int)logits.shape[0]).Select(index => (long)CheckClass(index, logits)),
                    ])
                    : throw new ArgumentException(
                        $"There are {classes.Length} classes for {total} pictures; name one for each.",
                        nameof(onePerPicture)
                    )
        );
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

        return new(
            $"class {why} and not {whyNot}",
            (logits, _, _) =>
            {
                CheckClass(why, logits);
                CheckClass(whyNot, logits);
                return new TargetScore(null, (l, _) => l.select(1, why) - l.select(1, whyNot));
            }
        );
    }

    /// <summary>Any score.</summary>
    /// <param name="name">What it is called in results.</param>
    /// <param name="score">From logits N×K to N numbers, each picture's from its own logits only, by operations that have a gradient.</param>
    public static Target Score(string name, Func<Tensor, Tensor> score)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(score);
        return new(name, (_, _, _) => new TargetScore(null, (logits, _) => score(logits)));
    }

    /// <summary>In words: "class 3", "class 3 and not 5".</summary>
    public override string ToString() => _name;

    /// <summary>Settles what is explained of each picture.</summary>
    /// <param name="logits">What the model put out for some of the pictures, N×K.</param>
    /// <param name="pictures">N, the pictures that went in.</param>
    /// <param name="first">The number of the first of them among all.</param>
    /// <param name="total">How many there are of all.</param>
    /// <exception cref="InvalidOperationException">The model put out something other than N×K finite logits.</exception>
    internal TargetScore Resolve(Tensor logits, long pictures, int first, int total)
    {
        if (logits.dim() != 2 || logits.shape[0] != pictures || logits.shape[1] == 0 || !logits.is_floating_point())
        {
            throw new InvalidOperationException(
                $"For {pictures} pictures the model put out {string.Join('×', logits.shape)} of {logits.dtype}; an explanation asks for logits, pictures × classes."
            );
        }

        return logits.isfinite().all().item<bool>()
            ? _resolve(logits, first, total)
            : throw new InvalidOperationException(
                "The logits hold NaN or infinity: the model's weights are broken, or the input is far from what it was trained on."
            );
    }

    private static int CheckClass(int index, Tensor logits) =>
        index < logits.shape[1]
            ? index
            : throw new ArgumentOutOfRangeException(
                nameof(index),
                index,
                $"The model has classes 0 to {logits.shape[1] - 1}; there is no class {index}."
            );
}
