namespace AttentionLab.Models;

/// <summary>Several nodes of a graph as one module: what was a module when the network was exported.</summary>
internal sealed class ScopeModule : GraphModule
{
    private readonly ScopeProgram _program;

    /// <param name="name">What it is called.</param>
    /// <param name="program">Its steps.</param>
    /// <param name="inputs">How many values of a pass it takes.</param>
    /// <param name="input">Which of them <c>call</c> takes.</param>
    /// <param name="output">Which of its outputs <c>call</c> returns.</param>
    public ScopeModule(string name, ScopeProgram program, int inputs, int input, int output)
        : base(name, inputs, input, output)
    {
        _program = program;
    }

    private protected override IReadOnlyList<OnnxValue> Run(OnnxValue?[] inputs, BatchRun? batch) => _program.Run(inputs, batch);
}
