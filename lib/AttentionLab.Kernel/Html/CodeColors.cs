using System.Collections.Immutable;
using System.Net;
using System.Text;
using AttentionLab.Kernel.Session;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Classification;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Host.Mef;
using Microsoft.CodeAnalysis.Text;

namespace AttentionLab.Kernel.Html;

/// <summary>
/// A notebook's C# as HTML, coloured by the compiler's own classification, which knows what earlier cells declared and what they
/// reference by path. A name that nothing declares stays uncoloured.
/// </summary>
/// <param name="folder">The notebook's folder, which <c>#r</c> paths are relative to.</param>
internal sealed class CodeColors(string folder)
{
    private static readonly Solution Empty = new AdhocWorkspace(
        MefHostServices.Create([
            typeof(Workspace).Assembly,
            typeof(Microsoft.CodeAnalysis.CSharp.Formatting.CSharpFormattingOptions).Assembly,
        ])
    ).CurrentSolution;

    private static readonly CSharpCompilationOptions Options = new(
        OutputKind.DynamicallyLinkedLibrary,
        usings: CSharpEngine.Imports,
        allowUnsafe: true,
        concurrentBuild: false
    );

    private Solution _solution = Empty;
    private ProjectId? _before;
    private ImmutableArray<MetadataReference> _references = AssemblyReferences.Default;

    /// <summary>
    /// The next cell as HTML: spans of class k (keyword), s (string), n (number), c (comment), t (type), m (method), d
    /// (directive).
    /// </summary>
    public async Task<string> ToHtmlAsync(string code)
    {
        if (CellLimits.Problem(code) is not null)
        {
            return WebUtility.HtmlEncode(code); // nested deeper than the compiler follows
        }

        Document cell = AddCell(code);
        var all = new TextSpan(0, code.Length);
        return ToHtml(code, await Classifier.GetClassifiedSpansAsync(cell, all).ConfigureAwait(false));
    }

    private Document AddCell(string code)
    {
        SyntaxTree tree = CSharpSyntaxTree.ParseText(code, CSharpEngine.ParseOptions);
        _references = _references.AddRange(ReferencedFiles(tree).Select(file => MetadataReference.CreateFromFile(file)));
        var project = ProjectId.CreateNewId();
        var document = DocumentId.CreateNewId(project);
        var text = TextLoader.From(TextAndVersion.Create(SourceText.From(code), VersionStamp.Default));
        _solution = _solution.AddProject(
            ProjectInfo.Create(
                project,
                VersionStamp.Default,
                name: "cell",
                assemblyName: project.Id.ToString("N"),
                LanguageNames.CSharp,
                compilationOptions: Options,
                parseOptions: CSharpEngine.ParseOptions,
                documents: [DocumentInfo.Create(document, "cell", sourceCodeKind: SourceCodeKind.Script, loader: text)],
                projectReferences: _before is null ? [] : [new ProjectReference(_before)],
                metadataReferences: _references,
                isSubmission: true
            )
        );
        _before = project;
        return _solution.GetDocument(document)!;
    }

    private IEnumerable<string> ReferencedFiles(SyntaxTree tree) =>
        tree.GetCompilationUnitRoot()
            .GetReferenceDirectives()
            .Select(directive => Path.GetFullPath(directive.File.ValueText, Path.GetFullPath(folder)))
            .Where(File.Exists);

    // Spans overlap: an escape sequence lies in its string, a static method is a method too.
    private static string ToHtml(string code, IEnumerable<ClassifiedSpan> spans)
    {
        var colors = new char[code.Length];
        foreach (ClassifiedSpan span in spans)
        {
            if (Class(span.ClassificationType) is { } color)
            {
                // The text of a documentation comment takes the end of its line with it.
                int length = code.AsSpan(span.TextSpan.Start, span.TextSpan.Length).TrimEnd("\r\n").Length;
                colors.AsSpan(span.TextSpan.Start, length).Fill(color);
            }
        }

        var html = new StringBuilder();
        for (int start = 0, end; start < code.Length; start = end)
        {
            char color = colors[start];
            int length = colors.AsSpan(start).IndexOfAnyExcept(color);
            end = length < 0 ? code.Length : start + length;
            string text = WebUtility.HtmlEncode(code[start..end]);
            html.Append(color == default ? text : $"<span class=\"{color}\">{text}</span>");
        }

        return html.ToString();
    }

    private static char? Class(string classification) =>
        classification switch
        {
            ClassificationTypeNames.Keyword or ClassificationTypeNames.ControlKeyword => 'k',
            ClassificationTypeNames.NumericLiteral => 'n',
            ClassificationTypeNames.StringLiteral
            or ClassificationTypeNames.VerbatimStringLiteral
            or ClassificationTypeNames.StringEscapeCharacter => 's',
            ClassificationTypeNames.ClassName
            or ClassificationTypeNames.RecordClassName
            or ClassificationTypeNames.StructName
            or ClassificationTypeNames.RecordStructName
            or ClassificationTypeNames.InterfaceName
            or ClassificationTypeNames.EnumName
            or ClassificationTypeNames.DelegateName
            or ClassificationTypeNames.TypeParameterName => 't',
            ClassificationTypeNames.MethodName or ClassificationTypeNames.ExtensionMethodName => 'm',
            ClassificationTypeNames.PreprocessorKeyword or ClassificationTypeNames.PreprocessorText => 'd',
            ClassificationTypeNames.Comment or ClassificationTypeNames.ExcludedCode => 'c',
            _ => classification.StartsWith("xml doc comment", StringComparison.Ordinal) ? 'c' : null,
        };
}
