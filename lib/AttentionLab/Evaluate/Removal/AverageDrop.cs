namespace AttentionLab.Evaluate;

/// <summary>
/// Average drop: how much of its confidence the model loses when it sees only what the map shows, as a share in
/// [0, 1]; 0 where it gains.
/// </summary>
/// <remarks>
/// <para>$\max(0, Y − O) / Y$, Y the class's probability for the whole picture, O for what is shown.</para>
/// <para><see href="https://arxiv.org/abs/1710.11063">Chattopadhay et al., "Grad-CAM++: Generalized gradient-based visual
/// explanations for deep convolutional networks", WACV 2018</see>, section 4.1. The paper gives percent.</para>
/// </remarks>
public sealed class AverageDrop : ShownPartMeasure
{
    /// <inheritdoc/>
    public override string Name => "average-drop";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    private protected override double ScoreOf(double whole, double shown) => whole > shown ? (whole - shown) / whole : 0;
}
