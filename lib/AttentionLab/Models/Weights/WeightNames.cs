using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// Under which names a file holds a network's weights. Wrappers put something before them, as <c>module.</c>, <c>model.</c> or
/// <c>_orig_mod.</c>, and what trains a network keeps tensors of its own beside them, as <c>n_averaged</c>,
/// <c>criterion.weight</c> or <c>ema_model.conv1.weight</c>.
/// </summary>
/// <param name="Prefix">What stands before the network's names in the file; empty for nothing.</param>
/// <param name="Files">The file's name for each name that the network may know: under the prefix, without it.</param>
/// <param name="Beside">Names in the file that do not begin with the prefix.</param>
internal sealed record WeightNames(string Prefix, IReadOnlyDictionary<string, string> Files, IReadOnlyList<string> Beside)
{
    private static readonly string[] UsualPrefixes = ["", "model.", "module.", "state_dict."];

    /// <summary>Of all prefixes in the file the one under which most of the network's weights stand, in their shapes.</summary>
    /// <param name="tensors">The file's.</param>
    /// <param name="state">The network's.</param>
    /// <exception cref="FormatException">They stand there under several prefixes, and none is the usual one.</exception>
    public static WeightNames For(IReadOnlyDictionary<string, TensorInfo> tensors, IReadOnlyDictionary<string, Tensor> state)
    {
        (string Name, string File)[] names = Unwrapped([.. tensors.Keys], state);
        Dictionary<string, int> fitting = Count(names, tensors, state);
        string[] best = Best(fitting);
        string? prefix = best.Length <= 1 ? best.FirstOrDefault("") : Array.Find(UsualPrefixes, best.Contains);
        return prefix is not null
            ? Under(prefix, names, state)
            : throw StateDictionary.Ambiguous([.. best.Select(each => each.TrimEnd('.'))]);
    }

    /// <summary>How many of a network's weights a file holds in their shapes, at best.</summary>
    public static int Fitting(IReadOnlyDictionary<string, TensorInfo> tensors, IReadOnlyDictionary<string, Tensor> state) =>
        Count(Unwrapped([.. tensors.Keys], state), tensors, state).Values.DefaultIfEmpty().Max();

    /// <summary>Of several state dicts the one that holds most of a network's weights.</summary>
    /// <exception cref="FormatException">Several hold as many, or none holds any, and none is the usual one.</exception>
    public static StateDictionary DictionaryFor(IReadOnlyList<StateDictionary> all, IReadOnlyDictionary<string, Tensor> state)
    {
        int[] fitting =
        [
            .. all.Select(each => Fitting(each.Tensors.ToDictionary(item => item.Key, item => item.Value.Info), state)),
        ];
        int most = fitting.Max();
        return StateDictionary.Usual([.. all.Where((_, i) => fitting[i] == most)]);
    }

    /// <summary>Whether a tensor of the file can become a weight.</summary>
    public static bool Fits(TensorInfo file, Tensor weight) =>
        file.Shape.SequenceEqual(weight.shape)
        && (is_complex(weight.dtype) || !is_complex(file.Type))
        && (!is_integral(weight.dtype) || is_integral(file.Type));

    /// <summary>
    /// The file's names without what compiling puts before any child that it wraps, and computing on several devices before a
    /// child below the top, where the network's own names have none.
    /// </summary>
    private static (string Name, string File)[] Unwrapped(string[] files, IReadOnlyDictionary<string, Tensor> state)
    {
        string[] names = Without("_orig_mod.", anywhere: true, files);
        return [.. Without("module.", anywhere: false, names).Zip(files)];

        string[] Without(string wrapper, bool anywhere, string[] names)
        {
            if (state.Keys.Any(name => $".{name}".Contains($".{wrapper}", StringComparison.Ordinal)))
            {
                return names;
            }

            string start = anywhere ? "." : "";
            string[] without =
            [
                .. names.Select(name => (start + name).Replace($".{wrapper}", ".", StringComparison.Ordinal)[start.Length..]),
            ];

            // Two tensors must not get one name, as with a wrapped network and its average side by side.
            return without.Distinct().Count() == names.Length ? without : names;
        }
    }

    /// <summary>For each prefix, the number of names behind it that are the network's.</summary>
    private static Dictionary<string, int> Count(
        (string Name, string File)[] names,
        IReadOnlyDictionary<string, TensorInfo> tensors,
        IReadOnlyDictionary<string, Tensor> state
    )
    {
        var fitting = new Dictionary<string, int>();
        foreach ((string name, string file) in names)
        {
            for (
                int start = 0;
                start >= 0 && start < name.Length;
                start = name.IndexOf('.', start) is >= 0 and var dot ? dot + 1 : -1
            )
            {
                if (state.TryGetValue(name[start..], out Tensor? weight) && Fits(tensors[file], weight))
                {
                    fitting[name[..start]] = fitting.GetValueOrDefault(name[..start]) + 1;
                }
            }
        }

        return fitting;
    }

    private static string[] Best(Dictionary<string, int> fitting)
    {
        int most = fitting.Values.DefaultIfEmpty().Max();
        return [.. fitting.Where(pair => pair.Value == most).Select(pair => pair.Key)];
    }

    private static WeightNames Under(string prefix, (string Name, string File)[] names, IReadOnlyDictionary<string, Tensor> state)
    {
        var files = new Dictionary<string, string>();
        var beside = new List<string>();
        foreach ((string name, string file) in names)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                files[name[prefix.Length..]] = file;
            }
            else
            {
                beside.Add(file);
            }
        }

        // Where only a part was wrapped, the other part's names are as they were, or the other way round.
        ILookup<string, (string Name, string File)> byName = names.ToLookup(each => each.Name);
        foreach (string name in state.Keys.Where(name => !files.ContainsKey(name)))
        {
            foreach ((string other, string file) in UsualPrefixes.SelectMany(usual => byName[usual + name]).Take(1))
            {
                if (other.StartsWith(prefix, StringComparison.Ordinal))
                {
                    files.Remove(other[prefix.Length..]);
                }

                files[name] = file;
                beside.Remove(file);
            }
        }

        return new WeightNames(prefix, files, beside);
    }
}
