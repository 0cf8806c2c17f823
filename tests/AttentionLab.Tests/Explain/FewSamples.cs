using AttentionLab.Explain;

namespace AttentionLab.Tests.Explain;

/// <summary>
/// The methods by name, those that draw samples with few of them: for tests of what holds whatever their number, many hundred
/// passes would only take time.
/// </summary>
internal static class FewSamples
{
    private const int Few = 24;

    public static ExplanationMethod Of(ExplanationMethod method) =>
        method switch
        {
            Rise => new Rise { Masks = Few },
            Lime => new Lime { Patches = 8, Samples = Few },
            KernelShap => new KernelShap { Patches = 8, Samples = Few },
            GradientShap => new GradientShap { Samples = Few },
            _ => method,
        };

    public static ExplanationMethod Get(string name) => Of(ExplanationMethods.Get(name));
}
