using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// A part of an ONNX network. Hooks see the first of its floating-point inputs and the last of its outputs; a part with one input
/// can be called by itself.
/// </summary>
internal abstract class GraphModule : nn.Module<Tensor, Tensor>
{
    private readonly int _inputs,
        _input,
        _output;

    /// <param name="name">What it is called.</param>
    /// <param name="inputs">How many values of a pass it takes.</param>
    /// <param name="input">Which of them <c>call</c> takes.</param>
    /// <param name="output">Which of its outputs <c>call</c> returns.</param>
    protected GraphModule(string name, int inputs, int input, int output)
        : base(name)
    {
        (_inputs, _input, _output) = (inputs, input, output);
    }

    /// <summary>Whether it can be called by itself: all that it takes of a pass is one tensor.</summary>
    public bool RunsAlone => _inputs == 1;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        CallFrame frame =
            CallFrame.Take(this)
            ?? (
                RunsAlone
                    ? new CallFrame(this, new OnnxValue?[1], null)
                    : throw new InvalidOperationException(
                        $"This part of the network takes {_inputs} tensors and runs only inside the network."
                    )
            );
        frame.Inputs[_input] = OnnxValue.Of(input);
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<OnnxValue> outputs = Run(frame.Inputs, frame.Batch);
        foreach (Tensor tensor in outputs.SelectMany(output => output.Items))
        {
            tensor.MoveToOuterDisposeScope();
        }

        frame.Outputs = outputs;
        return outputs[_output].Items[0];
    }

    private protected abstract IReadOnlyList<OnnxValue> Run(OnnxValue?[] inputs, BatchRun? batch);
}
