using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>One step of a scope: a module that is called, or a node that computes with shapes and has no gradients.</summary>
internal sealed record ScopeStep
{
    /// <summary>What is called; null for a plain node.</summary>
    public nn.Module<Tensor, Tensor>? Module { get; init; }

    /// <summary>The plain node; null for a module.</summary>
    public NodeOperation? Operation { get; init; }

    /// <summary>The node that one of torch's own layers stands for; null for others.</summary>
    public OnnxNode? Layer { get; init; }

    /// <summary>The scope's values that a module takes, in its order.</summary>
    public int[] Inputs { get; init; } = [];

    /// <summary>Which of them <c>call</c> takes.</summary>
    public int Input { get; init; }

    /// <summary>Where its outputs go; −1 for one that nobody needs.</summary>
    public int[] Outputs { get; init; } = [];

    /// <summary>Which of the outputs <c>call</c> returns.</summary>
    public int Output { get; init; }

    /// <summary>The scope's values that nobody needs after this step.</summary>
    public List<int> Last { get; } = [];

    /// <summary>Runs the step.</summary>
    public void Run(OnnxValue?[] slots, BatchRun? batch)
    {
        IReadOnlyList<OnnxValue> outputs = Operation?.Run(slots, batch) ?? Call(slots, batch);
        for (int i = 0; i < Outputs.Length; i++)
        {
            if (Outputs[i] >= 0)
            {
                slots[Outputs[i]] =
                    i < outputs.Count
                        ? Own(outputs[i], slots)
                        : throw new InvalidDataException(
                            $"A node of '{Operation?.Node.Operator}' has more outputs than its operator."
                        );
            }
        }
    }

    private IReadOnlyList<OnnxValue> Call(OnnxValue?[] slots, BatchRun? batch)
    {
        OnnxValue?[] inputs = [.. Inputs.Select(slot => slots[slot])];
        Tensor first = inputs[Input]!.Items[0];
        if (Module is not GraphModule)
        {
            return [OnnxValue.Of(CallLayer(first))];
        }

        var frame = new CallFrame(Module, inputs, batch);
        CallFrame.Lay(frame);
        Tensor returned = Module.call(first);
        return [.. frame.Outputs.Select((output, i) => i == Output ? OnnxValue.Of(returned) : output)];
    }

    private Tensor CallLayer(Tensor input)
    {
        try
        {
            return Module switch
            {
                Conv2d layer when WinogradConvolution.Suits(layer, input) => WinogradConvolution.Of(layer, input),
                Conv2d layer => FusedLayers.Call(input, layer),
                _ => Module!.call(input),
            };
        }
        catch (Exception e) when (e is ExternalException or ArgumentException) // torch's own refusal
        {
            throw new InvalidDataException(
                $"Node {Layer}: an input of {TensorInfo.Text(input.shape)} does not fit it ({e.Message.Split('\n')[0]}).",
                e
            );
        }
    }

    /// <summary>A tensor of its own for the value, so that each can be freed by itself.</summary>
    private static OnnxValue Own(OnnxValue value, OnnxValue?[] slots) =>
        value.IsSequence || !slots.Any(other => other is { IsSequence: false } && ReferenceEquals(other.Items[0], value.Items[0]))
            ? value
            : OnnxValue.Of(value.Items[0].alias());
}
