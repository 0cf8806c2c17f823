namespace AttentionLab.Kernel.Notebooks;

/// <summary>A value given for a notebook's parameter does not fit.</summary>
internal sealed class ParameterException(string message) : Exception(message);
