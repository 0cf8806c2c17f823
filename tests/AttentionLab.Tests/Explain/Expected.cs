using AttentionLab.Models;
using AttentionLab.Tests.Models;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Explain;

/// <summary>The networks of shared/parity; tests that ask for them are skipped where that folder is absent.</summary>
internal static class Expected
{
    public static nn.Module<Tensor, Tensor> Model(string name)
    {
        nn.Module<Tensor, Tensor> model = NetworkTests.Create(name);
        Dictionary<string, Tensor> weights = Safetensors.Load(Fixture.Shared($"parity/{name}_seed0.safetensors"));
        model.load_state_dict(weights);
        foreach (Tensor weight in weights.Values)
        {
            weight.Dispose();
        }

        return model;
    }
}
