using System.Globalization;
using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models.Onnx;

/// <summary>
/// Files with bytes changed, cut out, repeated or lost: each loads, or is refused with the documented exception.
/// ATTENTIONLAB_MUTATIONS sets how many of each file (lib/docs/onnx.md says how many were run).
/// </summary>
public class OnnxMutationTests
{
    private static readonly int Count = int.Parse(
        Environment.GetEnvironmentVariable("ATTENTIONLAB_MUTATIONS") ?? "300",
        CultureInfo.InvariantCulture
    );

    public static TheoryData<string, byte[], long[]> Small =>
        new()
        {
            { "layers", OnnxNetworkTests.Small(), [1, 1, 2, 2] },
            { "a choice at every pass", OnnxChoiceTests.Squeeze(2), [1, 3, 2] },
            { "a choice with weights of its own", OnnxChoiceTests.WithOwnWeights().ToArray(), [1, 2] },
            { "a fixed choice", OnnxChoiceTests.Chosen(1), [1, 2] },
            { "a fixed batch", OnnxRuntimeTests.AttentionOfOnePicture(), [2, 4, 1, 3] },
        };

    [Theory]
    [MemberData(nameof(Small))]
    public void A_changed_small_network_is_refused_or_runs(string what, byte[] file, long[] shape)
    {
        using Tensor input = ones(shape);
        Change(
            what,
            file,
            bytes =>
            {
                using OnnxNetwork network = OnnxNetwork.Read(bytes, null);
                try
                {
                    network.call(input).Dispose();
                }
                catch (ArgumentException e) when (e.ParamName == "input")
                {
                    // The changed network takes another shape, as it says.
                }
            }
        );
    }

    [Theory]
    [InlineData("vit")]
    [InlineData("mobilenet_v3")]
    public void A_changed_network_is_refused_or_loads(string family)
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(Fixture.Shared("parity/onnx"), $"{family}.onnx"));
        Change(family, whole, bytes => OnnxNetwork.Read(bytes, null).Dispose(), divisor: 10);
    }

    private static void Change(string what, byte[] whole, Action<byte[]> load, int divisor = 1)
    {
        for (int seed = 0; seed < Count / divisor; seed++)
        {
            byte[] changed = Changed(whole, new Random(seed));
            try
            {
                load(changed);
            }
            catch (InvalidDataException)
            {
                // Refused, as documented.
            }
            catch (Exception e)
            {
                Assert.Fail($"{what}, seed {seed}: {e}");
            }
        }
    }

    private static byte[] Changed(byte[] whole, Random random)
    {
        var bytes = whole.ToList();
        for (int i = random.Next(1, 4); i > 0 && bytes.Count > 0; i--)
        {
            int at = random.Next(bytes.Count),
                length = random.Next(1, Math.Min(20, bytes.Count - at) + 1);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                default:
                    bytes.RemoveRange(at, random.Next(20) == 0 ? bytes.Count - at : 1);
                    break;
            }
        }

        return [.. bytes];
    }
}
