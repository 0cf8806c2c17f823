namespace AttentionLab.Models;

/// <summary>
/// A Python object that weights have no use for: a set, a date, an optimizer. It is passed over: what would make it in Python is
/// not run here.
/// </summary>
/// <param name="Name">The class or function that Python would call, such as <c>argparse.Namespace</c>.</param>
internal sealed record PickleOpaque(string Name)
{
    public static readonly PickleOpaque Bytes = new("bytes"),
        Set = new("set"),
        Integer = new("int");
}
