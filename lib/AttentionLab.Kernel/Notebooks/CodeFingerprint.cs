using System.Security.Cryptography;
using System.Text;

namespace AttentionLab.Kernel.Notebooks;

/// <summary>Tells whether stored outputs are those of a notebook's code as it is now.</summary>
internal static class CodeFingerprint
{
    private const int Length = 16;

    /// <summary>The first 16 hexadecimal digits of SHA-256 over all code cells, cells of <c>--set</c> left out.</summary>
    public static string Of(Notebook notebook)
    {
        IEnumerable<string> code = notebook
            .CodeCells.Where(cell => !cell.HasTag(Parameters.InjectedTag))
            .Select(cell => cell.Source);
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', code)));
        return Convert.ToHexStringLower(hash)[..Length];
    }
}
