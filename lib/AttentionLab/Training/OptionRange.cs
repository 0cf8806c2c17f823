namespace AttentionLab.Training;

/// <summary>Refuses an option's value that lies outside its range.</summary>
internal static class OptionRange
{
    /// <summary>Throws unless the value lies within its range; the message is "Name rule.".</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not.</exception>
    public static void Check(bool holds, double value, string name, string rule)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} {rule}.");
        }
    }
}
