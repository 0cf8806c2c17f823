namespace AttentionLab.Benchmarks.Processes;

/// <summary>
/// The code that torch, oneDNN, MKL and .NET choose on a processor, and the variables that have them choose it on a better one.
/// </summary>
internal sealed record ProcessorLevel(string Name, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>This machine as it is, then what every machine has.</summary>
    public static IReadOnlyList<ProcessorLevel> All { get; } =
    [
        new("this processor", new Dictionary<string, string>()),
        new(
            "AVX2",
            new Dictionary<string, string>
            {
                ["ATEN_CPU_CAPABILITY"] = "avx2",
                ["ONEDNN_MAX_CPU_ISA"] = "AVX2",
                ["MKL_ENABLE_INSTRUCTIONS"] = "AVX2",
                ["DOTNET_EnableAVX512"] = "0",
            }
        ),
        new(
            "SSE4.1",
            new Dictionary<string, string>
            {
                ["ATEN_CPU_CAPABILITY"] = "default",
                ["ONEDNN_MAX_CPU_ISA"] = "SSE41",
                ["MKL_ENABLE_INSTRUCTIONS"] = "SSE4_2",
                ["DOTNET_EnableAVX512"] = "0",
                ["DOTNET_EnableAVX2"] = "0",
            }
        ),
    ];
}
