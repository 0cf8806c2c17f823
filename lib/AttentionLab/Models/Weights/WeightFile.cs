using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AttentionLab.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// A network's state dict in a file, under PyTorch's names: in the safetensors format, or in that of <c>torch.save</c>.
/// </summary>
public static class WeightFile
{
    /// <summary>Writes all weights and running statistics.</summary>
    /// <param name="model">Any module.</param>
    /// <param name="path">Ends in <c>.safetensors</c>, or in <c>.pth</c> or <c>.pt</c> for PyTorch. An existing file is replaced
    /// once the new one is whole.</param>
    /// <param name="metadata">Text to keep beside the weights: the classes' names, how they were trained.</param>
    /// <param name="floats">Float16, say, to halve the file: fractions are rounded to that type, whole numbers are kept. Null
    /// keeps all types.</param>
    /// <exception cref="ArgumentException">The name ends in something else, the type is not a floating-point type, or a finite
    /// weight would become infinite in it.</exception>
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

        Action<IReadOnlyDictionary<string, Tensor>, string, IReadOnlyDictionary<string, string>?> save = Path.GetExtension(path)
            .ToUpperInvariant() switch
        {
            ".SAFETENSORS" => Safetensors.Save,
            ".PTH" or ".PT" => PyTorchFile.Save,
            _ => throw new ArgumentException($"{path} should end in .safetensors, or in .pth or .pt for PyTorch.", nameof(path)),
        };
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        save(
            model.state_dict().ToDictionary(weight => weight.Key, weight => Rounded(weight.Key, weight.Value, floats)),
            path,
            metadata
        );
    }

    /// <summary>
    /// Reads weights into a network, wherever it lives and whatever its type, from a file of either kind, which its content
    /// tells. What wrappers put before names (<c>module.</c>, <c>_orig_mod.</c>, <c>model.</c>) is passed over where the
    /// network's own names lack it, and so are tensors that stand beside such names. Of several state dicts in a checkpoint, the
    /// one that fits the network is taken.
    /// </summary>
    /// <param name="model">The network; unless the call returns, its weights stay as they were.</param>
    /// <param name="path">The file; <c>file.pth#ema</c> names a part of it, see <see cref="TensorFile.Open(string)"/>.</param>
    /// <param name="fit">Whether a part of the weights will do.</param>
    /// <returns>What was loaded and what was not. Weights that are not finite are loaded, and named there.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, holds several parts that fit alike, or does not fit the network (at all, if <paramref name="fit"/> is
    /// <see cref="WeightFit.WhatFits"/>); the message lists what is missing, unexpected or of another shape.
    /// </exception>
    public static WeightReport Load(nn.Module model, string path, WeightFit fit = WeightFit.Whole)
    {
        ArgumentNullException.ThrowIfNull(model);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        Dictionary<string, Tensor> state = model.state_dict();
        using TensorFile file = TensorFile.OpenFor(path, state);
        WeightNames known = NamesFor(file, state);
        Dictionary<string, string> names = WithTied(known, file, state);

        string[] shared = [.. state.Keys.Where(names.ContainsKey)],
            fitting = [.. shared.Where(name => WeightNames.Fits(file.Tensors[names[name]], state[name]))];
        var report = new WeightReport(
            fitting,
            [
                .. state.Keys.Where(name =>
                    !names.ContainsKey(name) && !name.EndsWith("num_batches_tracked", StringComparison.Ordinal)
                ),
            ],
            [.. known.Files.Where(name => !state.ContainsKey(name.Key)).Select(name => name.Value)],
            [.. shared.Except(fitting).Select(name => Difference(name, file.Tensors[names[name]], state[name]))],
            []
        )
        {
            Beside = known.Beside,
        };
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
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"'{Excerpt.Of(name)}' has values beyond the range of {type}, up to {weight.abs().max().ToDouble():g3}: "
                        + $"save it in another type."
                ),
                nameof(floats)
            );
    }

    private static string Difference(string name, TensorInfo file, Tensor weight) =>
        file.Shape.SequenceEqual(weight.shape)
            ? $"{Excerpt.Of(name)} (file {file.Type}, network {weight.dtype})"
            : $"{Excerpt.Of(name)} (file {file.ShapeText}, network {TensorInfo.Text(weight.shape)})";

    private static WeightNames NamesFor(TensorFile file, Dictionary<string, Tensor> state)
    {
        try
        {
            return WeightNames.For(file.Tensors, state);
        }
        catch (FormatException e)
        {
            throw new InvalidDataException($"{file.Path} does not say which weights are meant: {e.Message}.", e);
        }
    }

    /// <summary>
    /// The file's names, with those of tied weights: two names of one tensor, which a safetensors file stores under one of them.
    /// Its metadata may name the other; if not, the network's own two names are of the same memory.
    /// </summary>
    private static Dictionary<string, string> WithTied(WeightNames known, TensorFile file, Dictionary<string, Tensor> state)
    {
        Dictionary<string, string> names = known.Files.ToDictionary();
        foreach (string name in state.Keys.Where(name => !names.ContainsKey(name)).ToArray())
        {
            if (
                file.Metadata.TryGetValue(known.Prefix + name, out string? alias)
                && file.Tensors.TryGetValue(alias, out TensorInfo? info)
                && WeightNames.Fits(info, state[name])
            )
            {
                names[name] = alias;
            }
            else if (
                state.Keys.FirstOrDefault(other => known.Files.ContainsKey(other) && AreOne(state[name], state[other])) is
                { } twin
            )
            {
                names[name] = known.Files[twin];
            }
        }

        return names;
    }

    private static bool AreOne(Tensor a, Tensor b) =>
        ReferenceEquals(a, b)
        || (
            a.numel() > 0
            && a.shape.SequenceEqual(b.shape)
            && a.dtype == b.dtype
            && a.device.type == DeviceType.CPU
            && b.device.type == DeviceType.CPU
            && a.is_contiguous()
            && b.is_contiguous()
            && Unsafe.AreSame(ref MemoryMarshal.GetReference(a.bytes), ref MemoryMarshal.GetReference(b.bytes))
        );
}
