namespace AttentionLab.Evaluate;

/// <summary>
/// Average drop: how much of its confidence the model loses when it sees only what the map shows, max(0, Y − O) / Y, in [0, 1]; 0
/// where it gains.
/// </summary>
/// <remarks>
/// Chattopadhay et al., "Grad-CAM++: Generalized gradient-based visual explanations for deep convolutional networks", WACV 2018,
/// section 4.1. The paper gives percent. Y is the class's probability for the whole picture, O for what is shown.
/// </remarks>
public sealed class AverageDrop : ShownPartMeasure
{
    /// <inheritdoc/>
    public override string Name => "average-drop";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    private protected override double ScoreOf(double whole, double shown) => whole > shown ? (whole - shown) / whole : 0;
}
