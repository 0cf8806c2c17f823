using System.ComponentModel;
using System.Diagnostics;

namespace AttentionLab.Host.Exploring;

/// <summary>The reader's browser.</summary>
internal static class BrowserWindow
{
    /// <summary>Opens an address; false where no browser is to be had, as on a server.</summary>
    public static bool TryOpen(string address)
    {
        try
        {
            using Process? process = Process.Start(new ProcessStartInfo(address) { UseShellExecute = true });
            return true;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or FileNotFoundException)
        {
            return false;
        }
    }
}
