using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// What is explained: a class's score, the difference of two, or any number computed from the model's output, one for each
/// picture. What the score of a class is, and which class is predicted, <see cref="OutputKind"/> says; for logits it is the
/// class's logit.
/// </summary>
public sealed class Target
{
    private readonly string _name;
    private readonly Func<Tensor, OutputKind, int, int, TargetScore> _resolve;

    private Target(string name, Func<Tensor, OutputKind, int, int, TargetScore> resolve)
    {
        _name = name;
        _resolve = resolve;
    }

    /// <summary>For each picture the class that the model predicts for it.</summary>
    public static Target Predicted { get; } =
        new(
            "predicted class",
            (output, kind, _, _) =>
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor best = ModelOutput.ScoresOf(kind, output.detach()).argmax(1).cpu();
                return TargetScore.OfClasses(kind, best.data<long>().ToArray());
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
            (output, kind, _, _) =>
                TargetScore.OfClasses(kind, [.. Enumerable.Repeat((long)CheckClass(index, kind, output), (int)output.shape[0])])
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
            (output, kind, first, total) =>
                classes.Length == total
                    ? TargetScore.OfClasses(
                        kind,
                        [.. classes.Skip(first).Take((int)output.shape[0]).Select(index => (long)CheckClass(index, kind, output))]
                    )
                    : throw new ArgumentException(
                        $"There are {classes.Length} classes for {total} pictures; name one for each.",
                        nameof(onePerPicture)
                    )
        );
    }

    /// <summary>Why one class and not another: the difference of their logits, which is the logarithm of their odds.</summary>
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
            (output, kind, _, _) =>
            {
                CheckClass(why, kind, output);
                CheckClass(whyNot, kind, output);
                return new TargetScore(
                    null,
                    (y, _) =>
                    {
                        using DisposeScope scope = NewDisposeScope();
                        Tensor scores = ModelOutput.ComparableScoresOf(kind, y);
                        return (scores.select(1, why) - scores.select(1, whyNot)).MoveToOuterDisposeScope();
                    }
                );
            }
        );
    }

    /// <summary>Several classes at once, such as all breeds of dogs: the sum of their scores, for logits of their logits.</summary>
    /// <param name="classes">One or more, from 0, each once.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    /// <exception cref="ArgumentException">There is none, or one twice.</exception>
    public static Target Together(params IEnumerable<int> classes)
    {
        int[] several = [.. classes];
        Array.ForEach(several, index => ArgumentOutOfRangeException.ThrowIfNegative(index, nameof(classes)));
        if (several.Length == 0 || several.Distinct().Count() < several.Length)
        {
            throw new ArgumentException(
                $"Name one class or more, each once; these are [{string.Join(", ", several)}].",
                nameof(classes)
            );
        }

        return new(
            several.Length == 1
                ? $"class {several[0]}"
                : $"classes {string.Join(", ", several[..^1])} and {several[^1]} together",
            (output, kind, _, _) =>
            {
                long[] index = [.. several.Select(each => (long)CheckClass(each, kind, output))];
                return new TargetScore(
                    null,
                    (y, _) =>
                    {
                        using DisposeScope scope = NewDisposeScope();
                        Tensor scores = ModelOutput.ScoresOf(kind, y);
                        return scores.index_select(1, tensor(index, device: y.device)).sum(1).MoveToOuterDisposeScope();
                    }
                );
            }
        );
    }

    /// <summary>Any score.</summary>
    /// <param name="name">What it is called in results.</param>
    /// <param name="score">From the model's output N×K, as it is, to N numbers, each picture's from its own row only, by
    /// operations that have a gradient.</param>
    public static Target Score(string name, Func<Tensor, Tensor> score)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(score);
        return new(name, (_, _, _, _) => new TargetScore(null, (output, _) => score(output)));
    }

    /// <summary>In words: "class 3", "class 3 and not 5".</summary>
    public override string ToString() => _name;

    /// <summary>Settles what is explained of each picture.</summary>
    /// <param name="output">What the model output for some of the pictures, N×K.</param>
    /// <param name="kind">What that means.</param>
    /// <param name="pictures">N, the pictures that went in.</param>
    /// <param name="first">The number of the first of them among all.</param>
    /// <param name="total">How many there are of all.</param>
    /// <exception cref="InvalidOperationException">The model output something other than N×K finite numbers of that
    /// kind.</exception>
    internal TargetScore Resolve(Tensor output, OutputKind kind, long pictures, int first, int total) =>
        _resolve(ModelOutput.Checked(output, pictures, kind), kind, first, total);

    private static int CheckClass(int index, OutputKind kind, Tensor output) =>
        ModelOutput.ClassesOf(kind, (int)output.shape[1]) is var classes && index < classes
            ? index
            : throw new ArgumentOutOfRangeException(
                nameof(index),
                index,
                $"The model has classes 0 to {classes - 1}; there is no class {index}."
            );
}
