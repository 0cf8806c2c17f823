using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttentionLab.Kernel.Session;

/// <summary>What a loop counts: <c>for (int i = …; i + 1 &lt; n; i++)</c> counts <c>i</c> to <c>n</c>, 1 ahead.</summary>
/// <param name="Variable">What goes up by ones.</param>
/// <param name="Ahead">What is added to it where it is compared.</param>
/// <param name="End">What it stays below; the loop does not change it.</param>
internal sealed record LoopCount(string Variable, int Ahead, ExpressionSyntax End);
