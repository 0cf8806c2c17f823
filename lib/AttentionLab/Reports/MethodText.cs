using AttentionLab.Figures;

namespace AttentionLab.Reports;

/// <summary>What the methods are called and do, in words for people who are not engineers.</summary>
internal static class MethodText
{
    private static readonly Dictionary<string, (string Title, FigureText Words)> Known = new()
    {
        ["activation-map"] = (
            "Activation map",
            new("Where a layer of the network is active at all, whatever the answer.", "网络某一层整体活跃的位置，与答案无关。")
        ),
        ["channels"] = (
            "Channels",
            new(
                "The three detectors of a layer that respond most strongly to the picture; each looks for something of its own.",
                "一层中对图片反应最强的三个通道，每个通道各自关注不同的特征。"
            )
        ),
        ["se-map"] = (
            "SE map",
            new(
                "Where the network is active after it has chosen which of its detectors to listen to.",
                "网络选定要关注的通道之后，活跃的位置。"
            )
        ),
        ["eigen-cam"] = (
            "Eigen-CAM",
            new(
                "The one pattern that most of a layer's detectors share, whatever the answer.",
                "一层中大多数通道共有的主要模式，与答案无关。"
            )
        ),
        ["grad-cam"] = (
            "Grad-CAM",
            new(
                "Detectors count as much as they speak for the answer; the map shows where the ones that count respond.",
                "每个通道按其对答案的支持程度加权，图中显示重要通道有反应的位置。"
            )
        ),
        ["grad-cam++"] = (
            "Grad-CAM++",
            new(
                "Like Grad-CAM, but made to show several things of one kind in a picture.",
                "与 Grad-CAM 类似，但更适合图中有多个同类物体的情况。"
            )
        ),
        ["xgrad-cam"] = (
            "XGrad-CAM",
            new(
                "Like Grad-CAM, with detectors weighed so that their shares add up to the answer as well as they can.",
                "与 Grad-CAM 类似，各通道的权重使其贡献之和尽量接近答案的得分。"
            )
        ),
        ["hires-cam"] = (
            "HiResCAM",
            new(
                "What each place of a layer adds to the answer's score, place by place.",
                "一层中每个位置对答案得分的贡献，逐点计算。"
            )
        ),
        ["layer-cam"] = (
            "Layer-CAM",
            new(
                "Like Grad-CAM, with a weight for each place instead of one for each detector.",
                "与 Grad-CAM 类似，但为每个位置而不是每个通道设置权重。"
            )
        ),
        ["eigen-grad-cam"] = (
            "Eigen-Grad-CAM",
            new(
                "The pattern that a layer's detectors share, counting only what matters for the answer.",
                "一层各通道共有的模式，只计入与答案有关的部分。"
            )
        ),
        ["score-cam"] = (
            "Score-CAM",
            new(
                "The picture is shown through one detector's eyes at a time; those that keep the score high count.",
                "每次只通过一个通道的视野看图片，仍能保持高分的通道更重要。"
            )
        ),
        ["ablation-cam"] = (
            "Ablation-CAM",
            new(
                "Detectors are switched off one at a time; those whose loss hurts the answer count.",
                "逐个关闭通道，关闭后使答案变差的通道更重要。"
            )
        ),
        ["attention-rollout"] = (
            "Attention rollout",
            new(
                "Which patches of the picture reach the answer, if each step of a transformer passes on what it attends to.",
                "假设 Transformer 的每一步都传递它所关注的内容，图片的哪些小块能到达答案。"
            )
        ),
        ["gradient-weighted-attention"] = (
            "Gradient-weighted attention",
            new(
                "Like attention rollout, counting only the attention that speaks for the answer.",
                "与注意力展开类似，只计入支持答案的注意力。"
            )
        ),
        ["full-grad"] = (
            "FullGrad",
            new(
                "Everything that adds to the answer, through all layers, put together in one map.",
                "把所有层对答案的贡献合成一幅图。"
            )
        ),
        ["gradients"] = (
            "Gradients",
            new(
                "The points whose change would change the answer most. Grainy by nature.",
                "稍作改变就最影响答案的像素，图像天然有颗粒感。"
            )
        ),
        ["smooth-grad"] = (
            "SmoothGrad",
            new(
                "Gradients averaged over slightly noisy copies of the picture, and so less grainy.",
                "对加了少量噪声的图片求梯度并取平均，因此颗粒更少。"
            )
        ),
        ["integrated-gradients"] = (
            "Integrated gradients",
            new(
                "The picture is faded in from one plain colour; each point gets its share of what that does to the answer.",
                "让图片从单一颜色逐渐显现，每个像素分得它对答案变化的一份。"
            )
        ),
        ["guided-backpropagation"] = (
            "Guided backpropagation",
            new(
                "Edges and textures that excite the network. Known to show the picture more than the answer's reasons.",
                "激发网络的边缘和纹理。已知它更多反映图片本身，而不是答案的理由。"
            )
        ),
        ["deconvolution"] = (
            "Deconvolution",
            new(
                "Edges and textures that could excite the network, traced back through its layers.",
                "逐层反向追溯得到的、可能激发网络的边缘和纹理。"
            )
        ),
        ["kpca-cam"] = (
            "KPCA-CAM",
            new(
                "Like Eigen-CAM, but it follows patterns that bend as well as straight ones.",
                "与 Eigen-CAM 类似，但也能跟随弯曲的模式。"
            )
        ),
        ["fem"] = (
            "FEM",
            new("Where a layer's detectors respond far more strongly than they usually do.", "一层的通道反应远强于平常的位置。")
        ),
        ["finer-cam"] = (
            "Finer-CAM",
            new(
                "What distinguishes the answer from the ones with the nearest scores.",
                "把答案与网络认为最相似的答案区分开来的部分。"
            )
        ),
        ["shapley-cam"] = (
            "Shapley-CAM",
            new(
                "Like Grad-CAM, but it also looks at how the detectors work together.",
                "与 Grad-CAM 类似，但还考虑通道之间的共同作用。"
            )
        ),
        ["guided-grad-cam"] = (
            "Guided Grad-CAM",
            new(
                "The fine edges that excite the network, where Grad-CAM finds them important.",
                "在 Grad-CAM 认为重要的位置上，激发网络的细致边缘。"
            )
        ),
        ["gradient-shap"] = (
            "GradientSHAP",
            new(
                "The picture is faded in from many noisy colours; each point gets its mean share of what that does to the answer.",
                "让图片从许多带噪声的颜色逐渐显现，每个像素分得它对答案变化的平均份额。"
            )
        ),
        ["deep-lift"] = (
            "DeepLIFT",
            new(
                "Each point's share in the difference between the answer for the picture and for a plain colour.",
                "与单一颜色相比，每个像素对答案差异的贡献。"
            )
        ),
        ["lrp-epsilon"] = (
            "LRP-ε",
            new(
                "The answer is distributed back through the layers, to each part the share that it contributed.",
                "把答案逐层往下分配，每个部分得到它所贡献的份额。"
            )
        ),
        ["lrp-gamma"] = (
            "LRP-γ",
            new(
                "Like LRP-ε, with more weight on evidence for the answer; less noisy.",
                "与 LRP-ε 类似，但支持答案的部分权重更大，图像更平稳。"
            )
        ),
        ["rise"] = (
            "RISE",
            new(
                "The picture is seen through hundreds of random holes; what shows when the answer is sure counts.",
                "透过数百个随机孔洞看图片，答案确定时露出的部分更重要。"
            )
        ),
        ["lime"] = (
            "LIME",
            new(
                "Patches of the picture are hidden at random; a simple model learns which of them the answer needs.",
                "随机遮住图片的小块，用一个简单模型学习答案需要哪些小块。"
            )
        ),
        ["kernel-shap"] = (
            "Kernel SHAP",
            new(
                "Each patch's fair share in the answer, over all orders in which patches could be revealed.",
                "按所有可能的揭示顺序，每个小块对答案应得的份额。"
            )
        ),
        ["occlusion"] = (
            "Occlusion",
            new(
                "A patch covers one part of the picture after another; where covering hurts the answer, the map is red.",
                "用小块依次遮住图片的各个部分，遮住后使答案变差的地方显示为红色。"
            )
        ),
    };

    /// <summary>The name as the field writes it; unknown ones stay as they are.</summary>
    public static string TitleOf(string method) => Known.TryGetValue(method, out var words) ? words.Title : method;

    /// <summary>One sentence; null for methods of somebody's own.</summary>
    public static FigureText? Of(string method) => Known.TryGetValue(method, out var words) ? words.Words : null;

    /// <summary>The methods that have words.</summary>
    public static IReadOnlyCollection<string> Names => Known.Keys;
}
