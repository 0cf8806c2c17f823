using AttentionLab.Figures;

namespace AttentionLab.Reports;

/// <summary>The words of pages, English and Chinese side by side.</summary>
internal static class PageText
{
    public static readonly FigureText Title = new("Where did the network look?", "网络在看哪里？");
    public static readonly FigureText Lead = new(
        "A neural network, a program that has learned from examples, was shown pictures ({0}) and said what is on each. The "
            + "coloured pictures show the places on which its answers rest.",
        "我们给一个神经网络（从例子中学习的程序）看了 {0} 幅图片，它说出每幅图片里是什么。彩色图显示它的答案依据的是图片的哪些地方。"
    );

    public static readonly FigureText KeyTitle = new("How to read the colours", "怎样看颜色");
    public static readonly FigureText KeyLow = new("blue: counted least", "蓝色：最不重要");
    public static readonly FigureText KeyHigh = new("red: counted most", "红色：最重要");
    public static readonly FigureText KeyColours = new(
        "Red marks the places of a picture that counted most, blue those that counted least. Each picture has its own scale: "
            + "a strong red in one is not more than a strong red in another.",
        "红色是一幅图片中最重要的地方，蓝色是最不重要的地方。每幅图片有自己的刻度，不同图片之间的颜色深浅不能比较。"
    );

    public static readonly FigureText KeyGood = new(
        "Red on the thing itself is a good sign. Red on the background is a warning: the answer may rest on what happens to "
            + "surround the thing, even when it is right.",
        "红色落在物体上是好现象；红色落在背景上要当心：即使答案正确，它也可能依据的是物体周围的环境。"
    );

    public static readonly FigureText KeyWhere = new(
        "A map shows where the network looked, not why. Methods differ, and none of them is a proof: look for what several of "
            + "them agree on.",
        "热力图显示网络看了哪里，并不说明为什么。各种方法会有差别，没有一种是证明：请留意几种方法一致的地方。"
    );

    public static readonly FigureText KeySure = new(
        "How sure the network is, it says itself. It can be sure and wrong.",
        "网络有多大把握是它自己说的。它可能很有把握却答错。"
    );

    public static readonly FigureText Picture = new("the picture", "图片");
    public static readonly FigureText Says = new("The network says: {0}", "网络的回答：{0}");
    public static readonly FigureText VerySure = new("It is very sure: {0}.", "它非常有把握：{0}。");
    public static readonly FigureText FairlySure = new("It is fairly sure: {0}.", "它比较有把握：{0}。");
    public static readonly FigureText Unsure = new("It is not sure: {0}.", "它没有把握：{0}。");
    public static readonly FigureText Guessing = new("It is guessing: {0}.", "它只是在猜：{0}。");
    public static readonly FigureText Right = new("That is right.", "回答正确。");
    public static readonly FigureText Wrong = new("That is wrong: it is {0}.", "回答错误，正确的是：{0}。");
    public static readonly FigureText Others = new("It also thought of: {0}.", "它还想到：{0}。");
    public static readonly FigureText About = new("The maps show what speaks for “{0}”.", "下面的图显示哪些地方支持“{0}”。");
    public static readonly FigureText Blank = new(
        "one colour: this method found nothing here that speaks for the answer",
        "只有一种颜色：这种方法没有找到支持答案的地方"
    );
    public static readonly FigureText MapAlt = new("{0}: counted most {1}.", "{0}：最重要的地方在{1}。");
    public static readonly FigureText Nowhere = new("nowhere", "（没有）");
    public static readonly FigureText MethodsTitle = new("How the maps were made", "这些图是怎样得到的");
    public static readonly FigureText MoreTitle = new("For those who want to know more", "想了解更多");

    /// <summary>Ninths of a picture, row by row.</summary>
    public static readonly FigureText[] Places =
    [
        new("at the top left", "左上"),
        new("at the top", "上方"),
        new("at the top right", "右上"),
        new("at the left", "左侧"),
        new("in the middle", "中间"),
        new("at the right", "右侧"),
        new("at the bottom left", "左下"),
        new("at the bottom", "下方"),
        new("at the bottom right", "右下"),
    ];

    public static readonly FigureText TrainingTitle = new("How the network learned", "网络是怎样学习的");
    public static readonly FigureText TrainingLead = new(
        "After {0} epochs the network names {1} of the test pictures right.",
        "经过 {0} 轮训练，网络能正确识别 {1} 的测试图片。"
    );

    public static readonly FigureText TrainingBest = new(
        "At its best, after epoch {0}, it was {1}.",
        "最好的是第 {0} 轮之后：{1}。"
    );
    public static readonly FigureText TrainingLastIsBest = new("The last epoch was the best.", "最后一轮就是最好的一轮。");

    public static readonly FigureText TrainingStopped = new(
        "Training was stopped before its last epoch.",
        "训练在最后一轮之前被停止。"
    );
    public static readonly FigureText ChosenByTest = new(
        "There was no validation part: the test pictures steered the learning rate and chose the best epoch, so these numbers "
            + "flatter a little.",
        "没有划出验证集：测试图片参与了学习率的调整和最佳轮次的选择，所以这些数字略偏乐观。"
    );

    public static readonly FigureText ChosenByValidation = new(
        "The best epoch is the one with the highest accuracy on the validation part, pictures that took no part in training.",
        "最佳轮次按验证集的准确率选出，验证集中的图片没有参与训练。"
    );

    public static readonly FigureText NumbersTitle = new("The numbers", "数据");
    public static readonly FigureText LearningRate = new("Learning rate", "学习率");
    public static readonly FigureText Seconds = new("Seconds", "秒");
    public static readonly FigureText Speed = new("Images/s", "图片/秒");
    public static readonly FigureText PartAccuracy = new("{0} accuracy", "{0}准确率");
    public static readonly FigureText PartLoss = new("{0} loss", "{0}损失");
}
