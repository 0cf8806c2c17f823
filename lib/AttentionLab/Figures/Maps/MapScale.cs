namespace AttentionLab.Figures;

/// <summary>Which values get the lowest and the highest colour when several maps are shown together.</summary>
public enum MapScale
{
    /// <summary>
    /// Each map is stretched to its own minimum and maximum: detail in each, but colours of two maps cannot be compared.
    /// </summary>
    Own,

    /// <summary>0 to 1 for all; what lies outside is clipped.</summary>
    Unit,

    /// <summary>From the lowest to the highest value of all maps in the figure.</summary>
    Common,

    /// <summary>From −m to m, m the largest magnitude of all maps in the figure: for signed maps.</summary>
    Symmetric,
}
