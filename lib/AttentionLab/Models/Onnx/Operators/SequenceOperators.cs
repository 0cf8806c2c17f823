using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Sequences of tensors.</summary>
internal static class SequenceOperators
{
    public static OperatorFamily Family { get; } = Build();

    private static OperatorFamily Build()
    {
        var family = new OperatorFamily
        {
            { "SequenceAt", call => call.Sequence(0)[Place(call, 1, call.Sequence(0).Count)].alias() },
            { "SequenceLength", call => tensor((long)call.Sequence(0).Count) },
            { "ConcatFromSequence", Joined },
        };
        family.AddSequence("SequenceEmpty", _ => []);
        family.AddSequence("SequenceConstruct", call => Own(call.All()));
        family.AddSequence("SequenceInsert", Insert);
        family.AddSequence("SequenceErase", Erase);
        family.AddSequence("SplitToSequence", Split);
        return family;
    }

    private static Tensor[] Own(IEnumerable<Tensor> items) => [.. items.Select(item => item.alias())];

    private static Tensor[] Insert(OperatorCall call)
    {
        IReadOnlyList<Tensor> items = call.Sequence(0);
        int place = call.Optional(2) is null ? items.Count : Place(call, 2, items.Count + 1, items.Count);
        return Own([.. items.Take(place), call.Input(1), .. items.Skip(place)]);
    }

    private static Tensor[] Erase(OperatorCall call)
    {
        IReadOnlyList<Tensor> items = call.Sequence(0);
        int place = call.Optional(1) is null ? items.Count - 1 : Place(call, 1, items.Count);
        return Own(items.Where((_, i) => i != place));
    }

    private static Tensor Joined(OperatorCall call)
    {
        IReadOnlyList<Tensor> items = call.Sequence(0);
        if (items.Count == 0)
        {
            throw call.Broken("the sequence is empty");
        }

        bool isNew = call.Int("new_axis", 0) != 0;
        long axis = call.Axis(call.Int("axis", 0), items[0].dim() + (isNew ? 1 : 0));
        call.Bounded([items.Sum(item => item.numel())]);
        return isNew ? stack(items, axis) : cat([.. items], axis);
    }

    private static Tensor[] Split(OperatorCall call)
    {
        Tensor x = call.Input();
        long axis = call.Axis(call.Int("axis", 0), x.dim()),
            side = x.shape[axis];
        long[]? given = call.Integers(1);
        bool single = call.Optional(1) is { } lengths && lengths.dim() == 0;
        long part =
            given is null ? 1
            : single ? given[0]
            : 0;
        if ((given is null || single) && (part < 1 || side / part > 100_000))
        {
            throw call.Broken($"{side} elements cannot be split into parts of {part}");
        }

        Tensor[] parts = ShapeOperators.Parts(
            call,
            x,
            axis,
            given is null || single
                ? [.. Enumerable.Range(0, (int)((side + part - 1) / part)).Select(i => Math.Min(part, side - (i * part)))]
                : given
        );
        return given is null && call.Int("keepdims", 1) == 0 ? [.. parts.Select(each => each.squeeze(axis))] : parts;
    }

    private static int Place(OperatorCall call, int input, int limit, int? length = null)
    {
        long place = call.Integers(input) is [var given] ? given : throw call.Broken("its position is not a single number");
        place = place < 0 ? place + (length ?? limit) : place;
        return place >= 0 && place < limit ? (int)place : throw call.Broken($"its position {place} is not in the sequence");
    }
}
