using System.Globalization;

namespace AttentionLab.Figures;

/// <summary>Every word that figures bring themselves, English and Chinese side by side.</summary>
internal sealed record FigureText(string English, string Chinese)
{
    public static readonly FigureText True = new("True: {0}", "真实：{0}");
    public static readonly FigureText Predicted = new("Predicted: {0}", "预测：{0}");
    public static readonly FigureText Channel = new("Channel {0}", "通道 {0}");
    public static readonly FigureText Mean = new("mean {0}", "均值 {0}");
    public static readonly FigureText Lowest = new("min", "最小");
    public static readonly FigureText Highest = new("max", "最大");

    public static readonly FigureText OwnScale = new(
        "Each map is stretched to its own minimum and maximum: colours of two maps cannot be compared.",
        "每幅图都按自身的最小值和最大值拉伸，不同图之间的颜色不能相互比较。"
    );

    public static readonly FigureText UnitScale = new(
        "All maps share one colour scale from 0 to 1; values outside are clipped.",
        "所有图共用 0 到 1 的颜色刻度，超出范围的值被截断。"
    );

    public static readonly FigureText CommonScale = new(
        "All maps share one colour scale, from the lowest to the highest value of all.",
        "所有图共用一个颜色刻度，从全部数值的最小值到最大值。"
    );

    public static readonly FigureText SymmetricScale = new(
        "All maps share one colour scale, symmetric about 0.",
        "所有图共用一个以 0 为中心的对称颜色刻度。"
    );

    public static readonly FigureText IterationTitle = new("Training loss per iteration", "每次迭代的训练损失");
    public static readonly FigureText Iteration = new("Iteration", "迭代次数");
    public static readonly FigureText Loss = new("Loss", "损失");
    public static readonly FigureText Epoch = new("Epoch", "轮次");
    public static readonly FigureText Accuracy = new("Accuracy (%)", "准确率（%）");
    public static readonly FigureText AccuracyTitle = new("Training and test accuracy", "训练与测试准确率");
    public static readonly FigureText LossTitle = new("Training and test loss", "训练与测试损失");
    public static readonly FigureText Train = new("Train", "训练");
    public static readonly FigureText Test = new("Test", "测试");
    public static readonly FigureText Validation = new("Validation", "验证");
    public static readonly FigureText TrainLoss = new("Train loss", "训练损失");
    public static readonly FigureText RunAndPart = new("{0}, {1}", "{0}，{1}");

    public static readonly FigureText HeatMapsAlt = new("Heat maps over pictures ({0}): {1}.", "图片上的热力图（{0} 幅）：{1}。");
    public static readonly FigureText HeatMapsRowAlt = new(
        "true class {0}, predicted {1}, maps {2}",
        "真实类别 {0}，预测类别 {1}，{2}"
    );
    public static readonly FigureText UnlabelledRowAlt = new("predicted class {0}, maps {1}", "预测类别 {0}，{1}");
    public static readonly FigureText MethodsAlt = new(
        "Methods ({0}: {2}) compared over pictures ({1}).",
        "在 {1} 幅图片上比较 {0} 种方法：{2}。"
    );
    public static readonly FigureText OverlayAlt = new(
        "A map over a picture, values from {0} to {1}.",
        "图片上的热力图，数值从 {0} 到 {1}。"
    );
    public static readonly FigureText MaskAlt = new(
        "A picture where its map is at least {0}; the rest ({1} %) is dimmed.",
        "图片中热力图不低于 {0} 的部分，其余（{1} %）变暗。"
    );
    public static readonly FigureText Concept = new("Concept {0}", "概念 {0}");
    public static readonly FigureText StrongestConcept = new("Strongest", "最强");
    public static readonly FigureText ConceptsNote = new(
        "Each concept has its colour, the stronger the more opaque; a concept's maps share one scale from 0.",
        "每个概念一种颜色，越强越不透明；同一概念的图共用从 0 开始的刻度。"
    );
    public static readonly FigureText ConceptsAlt = new(
        "Concepts ({0}: {2}) in pictures ({1}).",
        "{1} 幅图片中的 {0} 个概念：{2}。"
    );
    public static readonly FigureText ContoursNote = new("Lines where the map is {0}.", "线条处的值为 {0}。");
    public static readonly FigureText MaskNote = new(
        "Shown where the map is at least {0}; the rest is dimmed.",
        "只显示值不低于 {0} 的部分，其余变暗。"
    );
    public static readonly FigureText RowColumnValue = new("row {0}, column {1}: {2}", "第 {0} 行，第 {1} 列：{2}");
    public static readonly FigureText BlockTitle = new("{0}: {1} channels", "{0}：{1} 个通道");
    public static readonly FigureText WeightsAlt = new(
        "Channel weights by class and block: {0}.",
        "各类别、各模块的通道权重：{0}。"
    );
    public static readonly FigureText WeightsBlockAlt = new(
        "{0} from {1} to {2} (classes: {3}, channels: {4})",
        "{0} 从 {1} 到 {2}（{3} 个类别，{4} 个通道）"
    );
    public static readonly FigureText ChannelNumber = new("Channel", "通道");
    public static readonly FigureText EpochNumber = new("Epoch {0}", "第 {0} 轮");
    public static readonly FigureText AnimationAlt = new(
        "Animation: how the maps of pictures ({0}) move from epoch {1} to epoch {2}.",
        "动画：{0} 幅图片的热力图从第 {1} 轮到第 {2} 轮的变化。"
    );
    public static readonly FigureText Better = new("better than {0}", "优于{0}");
    public static readonly FigureText NotBetter = new("not surely better", "不能确定更优");
    public static readonly FigureText HigherIsBetter = new("{0}, {1} pictures: higher is better", "{0}，{1} 幅图片：越高越好");
    public static readonly FigureText LowerIsBetter = new("{0}, {1} pictures: lower is better", "{0}，{1} 幅图片：越低越好");
    public static readonly FigureText IntervalsAlt = new("Interval chart{0}: {1}.", "区间图{0}：{1}。");
    public static readonly FigureText IntervalAlt = new("{0} {1} ({2} to {3})", "{0} {1}（{2} 到 {3}）");
    public static readonly FigureText BaselineAlt = new("baseline {0} {1}", "基线 {0} {1}");
    public static readonly FigureText UnnamedPicturesAlt = new("Pictures in a grid ({0}).", "图片网格（{0} 幅）。");
    public static readonly FigureText PicturesAlt = new("Pictures in a grid ({0}): {1}.", "图片网格（{0} 幅）：{1}。");
    public static readonly FigureText MapsAlt = new(
        "Feature maps in a grid ({0}), {1}×{2} values each.",
        "特征图网格（{0} 幅），每幅 {1}×{2} 个值。"
    );
    public static readonly FigureText TrueClass = new("True class", "真实类别");
    public static readonly FigureText PredictedClass = new("Predicted class", "预测类别");
    public static readonly FigureText ConfusionNote = new(
        "Numbers of pictures; the colour is the share of a row.",
        "图片数量；颜色表示在该行中所占的比例。"
    );
    public static readonly FigureText ConfusionAlt = new(
        "Confusion matrix of {0} pictures and {1} classes: {2} on the diagonal.",
        "{0} 幅图片、{1} 个类别的真实与预测对照表：对角线上 {2} 幅。"
    );
    public static readonly FigureText ConfusionMostAlt = new(
        " Most often confused: {0}, taken for {1} ({2}).",
        "最常认错：{0} 被认作 {1}（{2} 次）。"
    );
    public static readonly FigureText Quoted = new(" “{0}”", "“{0}”");
    public static readonly FigureText LinesAlt = new("Line chart{0}: {1}.", "折线图{0}：{1}。");
    public static readonly FigureText LineAlt = new("{0} from {1} to {2} (points: {3})", "{0}从 {1} 到 {2}（{3} 个点）");
    public static readonly FigureText BarsAlt = new(
        "Bar chart{0}: values from {2} to {3} (bars: {1}).",
        "柱状图{0}：数值从 {2} 到 {3}（{1} 个柱）。"
    );

    public static readonly FigureText ScatterAlt = new(
        "Dots{0} ({1}): {4} {2}, {5} {3}.",
        "点图{0}（{1} 个点）：{4} {2}，{5} {3}。"
    );
    public static readonly FigureText FromTo = new("from {0} to {1}", "从 {0} 到 {1}");
    public static readonly FigureText NetworkAlt = new("A network of {0} boxes: {1}.", "网络图（{0} 个方块）：{1}。");

    /// <summary>Separates the parts of a list.</summary>
    public static readonly FigureText And = new(", ", "、");

    /// <summary>Separates list items that have commas themselves.</summary>
    public static readonly FigureText Then = new("; ", "；");

    /// <summary>The text in a culture's language, with its places filled.</summary>
    public string In(CultureInfo culture, params ReadOnlySpan<object?> values) =>
        string.Format(CultureInfo.InvariantCulture, culture.TwoLetterISOLanguageName == "zh" ? Chinese : English, values);

    /// <summary>A list in a culture's language.</summary>
    public string Join(CultureInfo culture, IEnumerable<string> items) => string.Join(In(culture), items);

    /// <summary>A number in few digits, the same in every language.</summary>
    public static string Number(double value) =>
        value == 0 ? "0"
        : Math.Abs(value) is >= 0.001 and < 100000
            ? Math.Round(value, Math.Clamp(2 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 5))
                .ToString(CultureInfo.InvariantCulture)
                .Replace('-', '−')
        : value.ToString("0.##e0", CultureInfo.InvariantCulture).Replace('-', '−');
}
