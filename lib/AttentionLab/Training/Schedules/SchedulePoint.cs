namespace AttentionLab.Training;

/// <summary>Where a run stands before a step.</summary>
/// <param name="Step">Steps taken so far, in all epochs.</param>
/// <param name="Steps">Steps of the whole run.</param>
/// <param name="StepsPerEpoch">Steps of an epoch.</param>
/// <param name="Losses">The watched loss of each finished epoch: on the validation part, else on the test pictures.</param>
internal readonly record struct SchedulePoint(long Step, long Steps, int StepsPerEpoch, IReadOnlyList<double> Losses);
