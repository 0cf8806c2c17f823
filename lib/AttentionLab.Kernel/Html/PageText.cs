namespace AttentionLab.Kernel.Html;

/// <summary>The words of a page that are not the notebook's own, in its language.</summary>
/// <param name="Language">The language as HTML names it.</param>
/// <param name="Name">The language in itself.</param>
internal sealed record PageText(string Language, string Name)
{
    private static readonly PageText English = new("en", "English");

    private static readonly PageText Chinese = new("zh-CN", "中文")
    {
        SkipLink = "跳到正文",
        Contents = "目录",
        AllNotebooks = "全部笔记与搜索",
        Pages = "笔记之间",
        OnThisPage = "本页目录",
        Languages = "语言",
        Chart = "由脚本绘制的图表。",
        Headings = "小节",
        Search = "搜索标题",
        Notebooks = "全部笔记",
        Title = "标题",
        Notebook = "笔记",
        Time = "用时",
        Ran = "已运行",
        RanIn = "运行用时",
        NotRun = "未运行",
    };

    public string SkipLink { get; private init; } = "Skip to the text";
    public string Contents { get; private init; } = "Contents";
    public string AllNotebooks { get; private init; } = "All notebooks and search";
    public string Pages { get; private init; } = "Between notebooks";
    public string OnThisPage { get; private init; } = "On this page";
    public string Languages { get; private init; } = "Language";
    public string Chart { get; private init; } = "A chart, drawn by a script.";
    public string Headings { get; private init; } = "Parts";
    public string Search { get; private init; } = "Search headings";
    public string Notebooks { get; private init; } = "Notebooks";
    public string Title { get; private init; } = "Title";
    public string Notebook { get; private init; } = "Notebook";
    public string Time { get; private init; } = "Time";
    public string Ran { get; private init; } = "ran";
    public string RanIn { get; private init; } = "ran in";
    public string NotRun { get; private init; } = "not run";

    /// <summary>The words for a notebook's language; English where there are none of its own.</summary>
    /// <param name="language">As .NET names cultures, such as "en" or "zh-CN".</param>
    public static PageText Of(string language) =>
        language == "zh" || language.StartsWith("zh-", StringComparison.OrdinalIgnoreCase) ? Chinese
        : language.StartsWith("en", StringComparison.OrdinalIgnoreCase) ? English
        : English with { Language = language, Name = language };
}
