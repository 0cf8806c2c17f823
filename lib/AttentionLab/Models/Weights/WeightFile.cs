using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>A network's state dict in a file, under PyTorch's names: in the safetensors format, or in that of <c>torch.save</c>.</summary>
public static class WeightFile
{
    /// <summary>Writes all weights and running statistics.</summary>
    /// <param name="model">Any module.</param>
    /// <param name="path">Ends in <c>.safetensors</c>, or in <c>.pth</c> or <c>.pt</c> for PyTorch. An existing file is replaced once the new one is whole.</param>
    /// <param name="metadata">Text to keep beside the weights: the classes' names, how they were trained.</param>
    /// <param name="floats">Float16, say, to halve the file: fractions are rounded to that type, whole numbers are kept. Null keeps all types.</param>
    /// <exception cref="ArgumentException">The name ends in something else, the type is none of fractions, or a finite weight would become infinite in it.</exception>
    public static void Save(
        nn.Module model,
        string path,
        IReadOnlyDictionary<string, string>? metadata = null,
        ScalarType? floats = null
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (floats is { } type && !IsFloat(type))
        {
            throw new ArgumentException(
                $"{type} holds no fractions: take Float16, BFloat16, Float32 or Float64.",
                nameof(floats)
            );
        }

        Action<string, IReadOnlyDictionary<string, Tensor>, IReadOnlyDictionary<string, string>?> save = Path.GetExtension(path)
            .ToUpperInvariant() switch
        {
            ".SAFETENSORS" => Safetensors.Save,
            ".PTH" or ".PT" => PyTorchFile.Save,
            _ => throw new ArgumentException($"{path} should end in .safetensors, or in .pth or .pt for PyTorch.", nameof(path)),
        };
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        save(
            path,
            model.state_dict().ToDictionary(weight => weight.Key, weight => Rounded(weight.Key, weight.Value, floats)),
            metadata
        );
    }

    /// <summary>
    /// Reads weights into a network, wherever it lives and whatever its type, from a file of either kind, which its content tells. What wrappers put
    /// before all names (<c>module.</c>, <c>_orig_mod.</c>, <c>model.</c>) is passed over where the network's own names lack it.
    /// </summary>
    /// <param name="model">The network; unless the call returns, its weights stay as they were.</param>
    /// <param name="path">The file.</param>
    /// <param name="fit">Whether a part of the weights will do.</param>
    /// <returns>What was loaded and what was not. Weights that are not finite are loaded, and named there.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, or does not fit the network (at all, if <paramref name="fit"/> is <see cref="WeightFit.WhatFits"/>); the message lists what is
    /// missing, unexpected or of another shape.
    /// </exception>
    public static WeightReport Load(nn.Module model, string path, WeightFit fit = WeightFit.Whole)
    {
        ArgumentNullException.ThrowIfNull(model);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        using TensorFile file = TensorFile.Open(path);
        Dictionary<string, Tensor> state = model.state_dict();
        Dictionary<string, string> names = NamesFor(file, state);

        string[] shared = [.. state.Keys.Where(names.ContainsKey)],
            fitting = [.. shared.Where(name => Fits(file.Tensors[names[name]], state[name]))];
        var report = new WeightReport(
            fitting,
            [
                .. state.Keys.Where(name =>
                    !names.ContainsKey(name) && !name.EndsWith("num_batches_tracked", StringComparison.Ordinal)
                ),
            ],
            [.. names.Where(name => !state.ContainsKey(name.Key)).Select(name => name.Value)],
            [.. shared.Except(fitting).Select(name => Difference(name, file.Tensors[names[name]], state[name]))],
            []
        );
        if (!report.IsWhole && (fit == WeightFit.Whole || fitting.Length == 0))
        {
            throw new InvalidDataException($"{path} does not fit {model.GetName()}; nothing was loaded.{report.Differences}");
        }

        // All are read, and so known to be undamaged, before the first is copied.
        var values = new Dictionary<string, Tensor>();
        foreach (string name in fitting)
        {
            Tensor value = file.Read(names[name]);
            scope.Attach(value);
            values[name] = value.to(state[name].dtype);
        }

        foreach ((string name, Tensor value) in values)
        {
            state[name].copy_(value);
        }

        return report with
        {
            NotFinite = [.. fitting.Where(name => !IsFinite(values[name]))],
        };
    }

    /// <summary>The text that a file of weights carries; empty when there is none. No tensor is read.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static IReadOnlyDictionary<string, string> Metadata(string path)
    {
        using TensorFile file = TensorFile.Open(path);
        return file.Metadata;
    }

    private static bool IsFloat(ScalarType type) =>
        type is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;

    private static bool IsFinite(Tensor tensor) => tensor.numel() == 0 || tensor.isfinite().all().item<bool>();

    private static Tensor Rounded(string name, Tensor weight, ScalarType? floats)
    {
        if (floats is not { } type || !IsFloat(weight.dtype) || weight.dtype == type)
        {
            return weight;
        }

        Tensor rounded = weight.detach().to(type);
        return IsFinite(rounded) || !weight.isfinite().logical_and(rounded.isfinite().logical_not()).any().item<bool>()
            ? rounded
            : throw new ArgumentException(
                $"'{name}' has values beyond the range of {type}, up to {weight.abs().max().ToDouble():g3}: save it in another type.",
                nameof(floats)
            );
    }

    private static bool Fits(TensorInfo file, Tensor weight) =>
        file.Shape.SequenceEqual(weight.shape)
        && (is_complex(weight.dtype) || !is_complex(file.Type))
        && (!is_integral(weight.dtype) || is_integral(file.Type));

    private static string Difference(string name, TensorInfo file, Tensor weight) =>
        file.Shape.SequenceEqual(weight.shape)
            ? $"{name} (file {file.Type}, network {weight.dtype})"
            : $"{name} (file {file.ShapeText}, network {TensorInfo.Text(weight.shape)})";

    /// <summary>
    /// The file's names by the names a network may know them under: of all common prefixes, the one without which most are the network's. torch.compile
    /// puts its own before any child it wraps.
    /// </summary>
    private static Dictionary<string, string> NamesFor(TensorFile file, Dictionary<string, Tensor> state)
    {
        string[] known = [.. file.Tensors.Keys],
            names = known;
        if (!state.Keys.Any(name => name.Contains("_orig_mod.", StringComparison.Ordinal)))
        {
            string[] unwrapped = [.. known.Select(name => name.Replace("_orig_mod.", "", StringComparison.Ordinal))];
            names = unwrapped.Distinct().Count() == known.Length ? unwrapped : known;
        }

        string[] best = names;
        while (
            names.Length > 0
            && names[0].IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot
            && names.All(name => name.StartsWith(names[0][..(dot + 1)], StringComparison.Ordinal))
        )
        {
            names = [.. names.Select(name => name[(dot + 1)..])];
            best = names.Count(state.ContainsKey) > best.Count(state.ContainsKey) ? names : best;
        }

        return best.Zip(known).ToDictionary(pair => pair.First, pair => pair.Second);
    }
}
