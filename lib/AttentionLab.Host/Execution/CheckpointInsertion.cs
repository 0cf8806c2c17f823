using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttentionLab.Host.Execution;

/// <summary>
/// Writes a <see cref="Checkpoint"/> into each round of a loop and each call of a function with a block. Lines stay where they are, so
/// that errors name the reader's own.
/// </summary>
internal sealed class CheckpointInsertion : CSharpSyntaxWalker
{
    private const string Call = $" global::{nameof(AttentionLab)}.{nameof(Host)}.{nameof(Execution)}.{nameof(Checkpoint)}.{nameof(Checkpoint.Pass)}();";

    private readonly List<(int Position, string Text)> _insertions = [];

    private CheckpointInsertion()
    {
    }

    /// <summary>The code with its checkpoints; the same text when it has neither loops nor functions.</summary>
    public static string Into(SyntaxTree code)
    {
        var walker = new CheckpointInsertion();
        walker.Visit(code.GetRoot());
        string text = code.ToString();
        var result = new StringBuilder();
        int done = 0;
        foreach ((int position, string inserted) in walker._insertions.OrderBy(insertion => insertion.Position)) // a stable order
        {
            result.Append(text, done, position - done).Append(inserted);
            done = position;
        }

        return result.Append(text, done, text.Length - done).ToString();
    }

    public override void Visit(SyntaxNode? node)
    {
        switch (node)
        {
            case WhileStatementSyntax loop:
                Begin(loop.Statement);
                break;
            case DoStatementSyntax loop:
                Begin(loop.Statement);
                break;
            case ForStatementSyntax loop:
                Begin(loop.Statement);
                break;
            case CommonForEachStatementSyntax loop:
                Begin(loop.Statement);
                break;
            case LabeledStatementSyntax label: // goto may come back to it
                _insertions.Add((label.ColonToken.Span.End, Call));
                break;
            case BaseMethodDeclarationSyntax { Body: { } body }:
                Begin(body);
                break;
            case LocalFunctionStatementSyntax { Body: { } body }:
                Begin(body);
                break;
            case AnonymousFunctionExpressionSyntax { Block: { } body }:
                Begin(body);
                break;
        }

        base.Visit(node);
    }

    private void Begin(StatementSyntax body)
    {
        if (body is BlockSyntax block)
        {
            _insertions.Add((block.OpenBraceToken.Span.End, Call));
        }
        else
        {
            _insertions.Add((body.SpanStart, "{" + Call + " "));
            _insertions.Add((body.Span.End, " }"));
        }
    }
}
