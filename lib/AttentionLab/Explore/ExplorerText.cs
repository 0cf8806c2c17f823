using System.Globalization;
using AttentionLab.Figures;

namespace AttentionLab.Explore;

/// <summary>Every word of the explorer, English and Chinese side by side, under the names that its scripts use.</summary>
internal static class ExplorerText
{
    public static readonly FigureText Alt = new(
        "Explorer of pictures ({0}): maps by {1} at {2}.",
        "图片浏览器（{0} 幅图片）：方法 {1}，层 {2}。"
    );

    private static readonly Dictionary<string, FigureText> Words = new()
    {
        ["picture"] = new("Picture", "图片"),
        ["class"] = new("Class", "类别"),
        ["layer"] = new("Layer", "层"),
        ["epoch"] = new("Epoch", "轮次"),
        ["left"] = new("Left method", "左侧方法"),
        ["right"] = new("Right method", "右侧方法"),
        ["none"] = new("none", "无"),
        ["divider"] = new("Divider", "分隔线"),
        ["opacity"] = new("Opacity", "不透明度"),
        ["colors"] = new("Colours", "颜色"),
        ["channels"] = new("Channels", "通道"),
        ["channel"] = new("channel {0}", "通道 {0}"),
        ["mean"] = new("mean {0}", "均值 {0}"),
        ["true"] = new("true: {0}", "真实：{0}"),
        ["says"] = new("The network says: {0}", "网络的回答：{0}"),
        ["point"] = new("Point at the picture, or focus it and use the arrow keys.", "指向图片，或选中图片后使用方向键。"),
        ["at"] = new("row {0}, column {1}", "第 {0} 行，第 {1} 列"),
        ["outside"] = new("not seen", "未看到"),
        ["range"] = new("{0} from {1} to {2}", "{0}：从 {1} 到 {2}"),
        ["mapAlt"] = new(
            "{0} under the map of {1} for {2}, highest at row {3}, column {4}",
            "{0}，叠加 {2} 的 {1} 热力图，最大值在第 {3} 行第 {4} 列"
        ),
        ["noMap"] = new("No map was computed for this choice.", "没有为此选择计算热力图。"),
    };

    /// <summary>The words of a culture's language by name.</summary>
    public static IReadOnlyDictionary<string, string> Of(CultureInfo culture) =>
        Words.ToDictionary(
            word => word.Key,
            word => culture.TwoLetterISOLanguageName == "zh" ? word.Value.Chinese : word.Value.English
        );
}
