using System.Reflection;
using Jint;

namespace AttentionLab.Kernel.Html;

/// <summary>TeX formulas as MathML, which every browser shows without a script.</summary>
/// <remarks>KaTeX, as notebook editors and GitHub use it or its like, runs in an interpreter that reaches nothing
/// outside.</remarks>
internal static class Formula
{
    private const int LongestSource = 10_000;
    private const int DeepestCalls = 1000;

    // Nested formulas are nested calls of the interpreter. DeepestCalls of them overflowed a thread's usual 8 MB, and took less than
    // 32 MB in code without optimizations.
    private const int StackSize = 64 << 20;

    private static readonly Lazy<Engine> KaTeX = new(Load);

    /// <summary>A formula as HTML; its source as it is written, where KaTeX cannot read it.</summary>
    /// <param name="tex">What stands between the dollar signs.</param>
    /// <param name="display">Whether it stands on a line of its own.</param>
    public static string ToHtml(string tex, bool display)
    {
        if (tex.Length <= LongestSource)
        {
            lock (KaTeX)
            {
                try
                {
                    return OnDeepStack(() => KaTeX.Value.Invoke("formula", tex, display).AsString());
                }
                catch (Exception e) when (e is JintException or TimeoutException)
                {
                    // Not TeX, or more than a formula: the source tells the reader as much as there is to tell.
                }
            }
        }

        string dollars = display ? "$$" : "$";
        return $"<code>{HtmlPage.Encode($"{dollars}{tex}{dollars}")}</code>";
    }

    private static T OnDeepStack<T>(Func<T> work)
    {
        var result = new Task<T>(work); // takes an exception back to the caller
        new Thread(() => result.RunSynchronously(), StackSize) { IsBackground = true, Name = "Formula" }.Start();
        return result.GetAwaiter().GetResult();
    }

    private static Engine Load()
    {
        var engine = new Engine(options =>
            options.TimeoutInterval(TimeSpan.FromSeconds(5)).LimitMemory(256_000_000).LimitRecursion(DeepestCalls)
        );
        engine.Execute(HtmlPage.Resource(Assembly.GetExecutingAssembly(), "katex.min.js"));
        engine.Execute(
            """
            // Browsers put no space between a function and an argument without brackets: ln p, max m.
            const bare = /<mo>\u2061<\/mo>(?=<(?!mo|\/))/g;
            function formula(tex, display) {
                return katex
                    .renderToString(tex, { displayMode: display, output: 'mathml', maxExpand: 1000, strict: 'ignore' })
                    .replace(bare, '$&<mspace width="0.1667em"></mspace>');
            }
            """
        );
        return engine;
    }
}
