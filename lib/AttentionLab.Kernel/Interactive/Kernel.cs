using System.Runtime.CompilerServices;
using AttentionLab.Kernel.Display;
using AttentionLab.Kernel.Session;
using Microsoft.AspNetCore.Html;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Events;

// The names and the namespace are .NET Interactive's, so that one notebook runs in both.
namespace Microsoft.DotNet.Interactive;

/// <summary>What every cell can call without a using, and the kernel as an object, to send it code.</summary>
public sealed class Kernel
{
    private const string CSharp = "csharp";
    private static readonly string[] Pages = ["html", "javascript", "markdown", "mermaid"];

    private Kernel(string name) => Name = name;

    /// <summary>The kernel that runs the cell, named "csharp".</summary>
    public static Kernel Current { get; } = new(CSharp);

    /// <summary>The kernel that holds all others, named ".NET". Here C# is the only one.</summary>
    public static Kernel Root { get; } = new(".NET");

    /// <summary>The kernel that holds this one and all others.</summary>
#pragma warning disable CA1822 // a kernel's, not the class's, as notebooks have it
    public Kernel RootKernel => Root;
#pragma warning restore CA1822

    /// <summary>The kernel that holds this one; null for the one that holds all.</summary>
    public Kernel? ParentKernel => this == Root ? null : Root;

    // Those that <see cref="Root"/> holds: C#, and what shows pages.
    private static Kernel[] Children { get; } = [Current, .. Pages.Select(name => new Kernel(name))];

    /// <summary>The kernel's name.</summary>
    public string Name { get; }

    /// <summary>A kernel by its name: "csharp", "c#", "html" …; null when there is none.</summary>
    public Kernel? FindKernelByName(string name) =>
        Name == name ? this : Array.Find(Children, kernel => kernel.Name == (name is "C#" or "c#" ? CSharp : name));

#pragma warning disable CA1822 // a kernel's, not the class's, as notebooks have it
    /// <summary>The kernels for which something is true, among those that <see cref="Root"/> holds.</summary>
    public IEnumerable<Kernel> FindKernels(Func<Kernel, bool> predicate) => Children.Where(predicate);
#pragma warning restore CA1822

    /// <summary>Shows a value below the cell that runs.</summary>
    /// <param name="value">What to show.</param>
    /// <param name="mimeTypes">The representations wanted; without any, those the value's type prefers.</param>
    /// <returns>A handle by which what is shown can be replaced.</returns>
#pragma warning disable IDE1006 // the name notebooks know
    public static DisplayedValue display(object? value, params string[] mimeTypes) => DisplayedValue.Show(value, mimeTypes);

    /// <summary>Shows a span's values below the cell that runs.</summary>
    /// <inheritdoc cref="display(object?, string[])"/>
    [OverloadResolutionPriority(-1)] // an array is an object first
    public static DisplayedValue display<T>(ReadOnlySpan<T> values, params string[] mimeTypes) =>
        display(values.ToArray(), mimeTypes);
#pragma warning restore IDE1006

    /// <summary>Marks text as HTML, so that it is shown as such.</summary>
    public static IHtmlContent HTML(string content) => new HtmlString(content);

    /// <summary>Runs a script in the page that shows the cell's output, where that page runs scripts.</summary>
    public static void Javascript(string scriptContent) =>
        $"<script type=\"text/javascript\">{scriptContent}</script>".DisplayAs(MimeBundle.Html);

    /// <summary>Adds style rules to the page that shows the cell's output.</summary>
    public static void CSS(string content) => $"<style>{content}</style>".DisplayAs(MimeBundle.Html);

    /// <summary>Asks the reader for a line of text, in a box that the client shows.</summary>
    /// <param name="prompt">What stands beside the box.</param>
    /// <param name="typeHint">What is asked for: "text", "password" …; clients of Jupyter know these two.</param>
    /// <exception cref="InvalidOperationException">Nobody can be asked: the client takes no input, or the notebook is run without
    /// one.</exception>
    public static Task<string> GetInputAsync(string prompt = "", string typeHint = "text") =>
        RunningCell.Current is { } cell
            ? cell.Output.AskAsync(prompt, typeHint == "password", cell.CancellationToken)
            : throw new InvalidOperationException("No cell runs that could ask for input.");

    /// <summary>Asks the reader for a password; what is typed is hidden.</summary>
    /// <inheritdoc cref="GetInputAsync"/>
    public static async Task<PasswordString> GetPasswordAsync(string prompt = "") =>
        new(await GetInputAsync(prompt, "password").ConfigureAwait(false));

#pragma warning disable CA1822 // a kernel's, not the class's, as notebooks have it
    /// <summary>
    /// Runs code as if it were a cell, while this one runs. It shows its outputs here, sees what earlier cells and code sent
    /// before it from this cell declared, and what it declares ends with this cell.
    /// </summary>
    /// <param name="command">The code.</param>
    /// <param name="cancellationToken">Not to begin.</param>
    /// <returns>Whether it succeeded, and its error; a cell that fails throws nothing here.</returns>
    /// <exception cref="NotSupportedException">The command is not a <see cref="SubmitCode"/>.</exception>
    /// <exception cref="InvalidOperationException">No cell runs.</exception>
    public async Task<KernelCommandResult> SendAsync(KernelCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        cancellationToken.ThrowIfCancellationRequested();
        if (command is not SubmitCode submission)
        {
            throw new NotSupportedException($"{command.GetType().Name} is not known here; SubmitCode is.");
        }

        string? target = command.TargetKernelName ?? (Pages.Contains(Name) ? Name : null);
        bool isPage = Pages.Contains(target);
        if (target is not null && !isPage && target != CSharp && target != Root.Name)
        {
            return new(
                command,
                [new CommandFailed($"There is no kernel \"{target}\" here; csharp, html, javascript, mermaid and markdown are.")]
            );
        }

        if (RunningCell.Current?.Submit is not { } submit)
        {
            throw new InvalidOperationException("No cell runs that could send code.");
        }

        ExecutionResult result = await submit(isPage ? $"#!{target}\n{submission.Code}" : submission.Code).ConfigureAwait(false);
        return new(
            command,
            result.Succeeded
                ? [.. result.Value is { } value ? [new ReturnValueProduced(value)] : (KernelEvent[])[], new CommandSucceeded()]
                : [new CommandFailed(result.Error?.Message ?? "The code was interrupted.")]
        );
    }

#pragma warning restore CA1822

    /// <summary>Runs code as <see cref="SendAsync"/> does.</summary>
    public Task<KernelCommandResult> SubmitCodeAsync(string code) => SendAsync(new SubmitCode(code));

    /// <inheritdoc/>
    public override string ToString() => Name;
}
