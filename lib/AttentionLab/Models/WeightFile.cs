using System.Text;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>A network's state dict in a safetensors file, under PyTorch's names.</summary>
public static class WeightFile
{
    /// <summary>Writes all weights and running statistics; see <see cref="Safetensors.Save"/>.</summary>
    public static void Save(nn.Module model, string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        Safetensors.Save(path, model.state_dict(), metadata);
    }

    /// <summary>Reads weights into a network, wherever it lives: all of them, or none and an error.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, or it does not fit the network: the message lists what is missing, unexpected or of another shape.
    /// BatchNorm's batch counter may be missing, since old files lack it and nothing here reads it.
    /// </exception>
    public static void Load(nn.Module model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        Dictionary<string, Tensor> file = Safetensors.Load(path), state = model.state_dict();
        try
        {
            string differences = Compare(file, state);
            if (differences.Length > 0)
            {
                throw new InvalidDataException($"{path} does not fit {model.GetName()}; nothing was loaded.{differences}");
            }

            using IDisposable noGradients = no_grad();
            foreach ((string name, Tensor value) in file)
            {
                state[name].copy_(value);
            }
        }
        finally
        {
            foreach (Tensor tensor in file.Values)
            {
                tensor.Dispose();
            }
        }
    }

    private static string Compare(Dictionary<string, Tensor> file, Dictionary<string, Tensor> state)
    {
        var text = new StringBuilder();
        Add("Missing", state.Keys.Except(file.Keys).Where(n => !n.EndsWith(".num_batches_tracked", StringComparison.Ordinal)));
        Add("Unexpected", file.Keys.Except(state.Keys));
        Add("Another shape", from name in file.Keys.Intersect(state.Keys)
                             where !file[name].shape.SequenceEqual(state[name].shape)
                             select $"{name} (file {Shape(file[name])}, network {Shape(state[name])})");
        return text.ToString();

        void Add(string what, IEnumerable<string> names)
        {
            string[] all = [.. names];
            if (all.Length > 0)
            {
                text.Append(' ').Append(what).Append(": ").AppendJoin(", ", all).Append('.');
            }
        }

        static string Shape(Tensor tensor) => tensor.dim() == 0 ? "scalar" : string.Join('×', tensor.shape);
    }
}
