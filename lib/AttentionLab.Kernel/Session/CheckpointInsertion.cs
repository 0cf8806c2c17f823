using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// Writes a <see cref="Checkpoint"/> into each round of a loop and each call of a function with a block. Lines stay where they are, so
/// that errors name the reader's own.
/// </summary>
internal static class CheckpointInsertion
{
    private const string Call =
        $" global::{nameof(AttentionLab)}.{nameof(Kernel)}.{nameof(Session)}.{nameof(Checkpoint)}.{nameof(Checkpoint.Pass)}();";

    /// <summary>The code with its checkpoints; the same text when it has neither loops nor functions.</summary>
    public static string Into(SyntaxTree code)
    {
        string text = code.ToString();
        var result = new StringBuilder();
        int done = 0;
        foreach (
            (int position, string inserted) in code.GetRoot()
                .DescendantNodes()
                .SelectMany(In)
                .OrderBy(insertion => insertion.Position)
        ) // a stable order
        {
            result.Append(text, done, position - done).Append(inserted);
            done = position;
        }

        return result.Append(text, done, text.Length - done).ToString();
    }

    private static IEnumerable<(int Position, string Text)> In(SyntaxNode node)
    {
        StatementSyntax? body = node switch
        {
            WhileStatementSyntax loop => loop.Statement,
            DoStatementSyntax loop => loop.Statement,
            ForStatementSyntax loop => loop.Statement,
            CommonForEachStatementSyntax loop => loop.Statement,
            BaseMethodDeclarationSyntax method => method.Body,
            LocalFunctionStatementSyntax function => function.Body,
            AnonymousFunctionExpressionSyntax function => function.Block,
            _ => null,
        };
        return (node, body) switch
        {
            (LabeledStatementSyntax label, _) => [(label.ColonToken.Span.End, Call)], // goto may come back to it
            (_, BlockSyntax block) => [(block.OpenBraceToken.Span.End, Call)],
            (_, not null) => [(body.SpanStart, $"{{{Call} "), (body.Span.End, " }")],
            _ => [],
        };
    }
}
