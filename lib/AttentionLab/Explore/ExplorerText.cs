using System.Globalization;
using AttentionLab.Figures;

namespace AttentionLab.Explore;

/// <summary>Every word of the explorer's cell and page, English and Chinese side by side, under the names that its scripts use.</summary>
internal static class ExplorerText
{
    public static readonly FigureText Alt = new(
        "Explorer of pictures ({0}): maps by {1} at {2}.",
        "图片浏览器（{0} 幅图片）：方法 {1}，层 {2}。"
    );

    public static readonly FigureText Status = new(
        "Epoch {0} of {1} · loss {2} · accuracy {3} % · {4} images/s · {5} left",
        "第 {0} 轮，共 {1} 轮 · 损失 {2} · 准确率 {3} % · 每秒 {4} 幅图片 · 剩余时间 {5}"
    );

    public static readonly FigureText TestStatus = new(" · test accuracy {0} %", " · 测试准确率 {0} %");

    private static readonly Dictionary<string, FigureText> Words = new()
    {
        ["title"] = new("Explore: where does the network look?", "浏览：网络在看哪里？"),
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
        ["channelsOf"] = new("Channels of {0}, those of the highest means", "{0} 的通道，均值最高的几个"),
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
        ["choose"] = new("Choose a picture …", "选择图片……"),
        ["drop"] = new("or drop or paste one here", "或者拖放、粘贴到这里"),
        ["camera"] = new("Camera", "摄像头"),
        ["capture"] = new("Take the picture", "拍照"),
        ["noCamera"] = new("No camera can be used here.", "这里没有可用的摄像头。"),
        ["random"] = new("Another one", "换一幅"),
        ["tooLarge"] = new("The file has more than {0} MB: reduce the picture first.", "文件超过 {0} MB，请先缩小图片。"),
        ["stop"] = new("Stop", "停止"),
        ["progress"] = new("Progress", "进度"),
        ["brush"] = new("Brush a region away", "涂掉一块区域"),
        ["size"] = new("Size", "大小"),
        ["unhide"] = new("Whole picture again", "恢复整幅图片"),
        ["save"] = new("Save the view (PNG)", "保存视图（PNG）"),
        ["saveExplanation"] = new("Save the explanation (safetensors)", "保存解释（safetensors）"),
        ["copy"] = new("Copy the C# cell", "复制 C# 单元格"),
        ["copied"] = new("The cell is on the clipboard.", "单元格已复制到剪贴板。"),
        ["network"] = new("Network", "网络"),
        ["mistakes"] = new("Worst mistakes", "最严重的错误"),
        ["find"] = new("Find them", "查找"),
        ["found"] = new("{0} of {1} pictures wrong; the most confident first", "{1} 幅图片中错了 {0} 幅；最有把握的在前"),
        ["hasEnded"] = new(
            "The program explore has ended: start it again, and open its new address.",
            "explore 程序已经结束：请重新启动它，再打开新的地址。"
        ),
        ["brokenOff"] = new("The answer ended early.", "回答提前中断。"),
        ["noMap"] = new("No map was computed for this choice.", "没有为此选择计算热力图。"),
    };

    /// <summary>The words of a culture's language by name.</summary>
    public static IReadOnlyDictionary<string, string> Of(CultureInfo culture) =>
        Words.ToDictionary(
            word => word.Key,
            word => culture.TwoLetterISOLanguageName == "zh" ? word.Value.Chinese : word.Value.English
        );
}
