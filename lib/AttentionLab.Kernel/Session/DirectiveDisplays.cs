using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using AttentionLab.Kernel.Display;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.DotNet.Interactive;

namespace AttentionLab.Kernel.Session;

/// <summary>What directives show that only show something.</summary>
internal static class DirectiveDisplays
{
    private const string Markdown = "text/markdown";

    /// <summary>Shows what a directive asks for.</summary>
    /// <param name="line">The directive.</param>
    /// <param name="variables">The session's variables.</param>
    /// <returns>Whether the directive is one of these.</returns>
    public static bool TryShow(CellDirective line, IEnumerable<ScriptVariable> variables)
    {
        switch (line.Name)
        {
            case "#!markdown":
                line.Argument.DisplayAs(Markdown);
                break;
            case "#!html":
                line.Argument.DisplayAs(MimeBundle.Html);
                break;
            case "#!mermaid":
                Mermaid(line.Argument.Trim('\n'));
                break;
            case "#!who":
                string.Join('\n', variables.Select(variable => variable.Name)).Display();
                break;
            case "#!whos":
                variables
                    .Select(variable => new
                    {
                        Variable = variable.Name,
                        variable.Type,
                        variable.Value,
                    })
                    .Display();
                break;
            case "#!about":
                About();
                break;
            case "#!lsmagic":
                Directives
                    .Known.Select(known => new
                    {
                        Directive = known.Name,
                        With = known.Arguments,
                        What = known.Does,
                    })
                    .Display();
                break;
            default:
                return false;
        }

        return true;
    }

    /// <summary>Shows which versions of packages were taken, as .NET Interactive does.</summary>
    public static void Installed(IReadOnlyList<string> packages)
    {
        string items = string.Concat(packages.Select(package => $"<li><span>{WebUtility.HtmlEncode(package)}</span></li>"));
        Show(
            new()
            {
                [MimeBundle.Html] = $"<div><strong>Installed Packages</strong><ul>{items}</ul></div>",
                [MimeBundle.Text] = $"Installed Packages\n{string.Join('\n', packages.Select(package => " - " + package))}",
            }
        );
    }

    // Viewers that know Mermaid draw it: JupyterLab and GitHub in Markdown. All others show the text.
    private static void Mermaid(string diagram) =>
        Show(
            new()
            {
                ["text/vnd.mermaid"] = diagram,
                [Markdown] = $"```mermaid\n{diagram}\n```",
                [MimeBundle.Text] = diagram,
            }
        );

    private static void About()
    {
        string version = typeof(DirectiveDisplays).Assembly.GetName().Version!.ToString(3);
        string[] lines =
        [
            $"AttentionLab.Kernel {version}, a C# kernel for notebooks",
            $"C# of Roslyn {typeof(Microsoft.CodeAnalysis.Compilation).Assembly.GetName().Version!.ToString(3)} on "
                + RuntimeInformation.FrameworkDescription,
            $"{RuntimeInformation.OSDescription}, {RuntimeInformation.RuntimeIdentifier}",
        ];
        string.Join('\n', lines).Display();
    }

    private static void Show(JsonObject data) => DisplayedValue.Show(data, [], isText: false);
}
