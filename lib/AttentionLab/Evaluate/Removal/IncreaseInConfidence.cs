namespace AttentionLab.Evaluate;

/// <summary>
/// Increase in confidence: 1 when the model is surer of the class when it sees only what the map shows, else 0. What rounding
/// makes, 1e−6, does not count.
/// </summary>
/// <remarks>
/// <para>1 where $O − Y > 10⁻⁶$, else 0: Y is the class's probability for the whole picture, O for what is shown.</para>
/// <para><see href="https://arxiv.org/abs/1710.11063">Chattopadhay et al., "Grad-CAM++: Generalized gradient-based visual
/// explanations for deep convolutional networks", WACV 2018</see>, section 4.1. The paper gives the percentage of such
/// pictures, which is 100 times the mean.</para>
/// </remarks>
public sealed class IncreaseInConfidence : ShownPartMeasure
{
    private const double Rounding = 1e-6;

    /// <inheritdoc/>
    public override string Name => "increase-in-confidence";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    private protected override double ScoreOf(double whole, double shown) => shown > whole + Rounding ? 1 : 0;
}
