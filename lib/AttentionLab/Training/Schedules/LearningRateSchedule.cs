namespace AttentionLab.Training;

/// <summary>
/// How the learning rate changes in the course of a run. The rate of a step follows from the step's number and from the losses
/// of the finished epochs alone, so that a run that is resumed goes on with the same rates.
/// </summary>
public abstract record LearningRateSchedule
{
    /// <summary>Only the schedules here derive from it.</summary>
    private protected LearningRateSchedule() { }

    /// <summary>Whether the rates depend on how many steps the run has: such a run cannot be prolonged.</summary>
    internal virtual bool DependsOnLength => true;

    /// <summary>The learning rate of a step.</summary>
    /// <param name="learningRate"><see cref="TrainingOptions.LearningRate"/>.</param>
    /// <param name="point">Where the run stands.</param>
    internal abstract double Rate(double learningRate, SchedulePoint point);

    /// <summary>Throws where a property is out of its range.</summary>
    internal virtual void Check() { }
}
