using AttentionLab.Data;

namespace AttentionLab.Tests.Data;

/// <summary>
/// Six files of the real size, their bytes by a formula: file f (0–4 train, 5 test), record r, position p in C×H×W.
/// </summary>
public sealed class CanonicalCifar10 : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public CanonicalCifar10()
    {
        Directory.CreateDirectory(FolderPath);
        string[] names = [.. Cifar10Folder.TrainFiles, Cifar10Folder.TestFile];
        for (int f = 0; f < names.Length; f++)
        {
            var bytes = new byte[10_000 * 3073];
            for (int r = 0, at = 0; r < 10_000; r++)
            {
                bytes[at++] = (byte)Label(f, r);
                for (int p = 0; p < 3072; p++)
                {
                    bytes[at++] = Pixel(f, r, p);
                }
            }

            File.WriteAllBytes(FileOf(names[f]), bytes);
        }
    }

    public string Root => _root.Path;

    public string FolderPath => _root[Cifar10Folder.Name];

    public static int Label(int file, int record) => (record + (3 * file)) % 10;

    public static byte Pixel(int file, int record, int position) => (byte)((101 * file) + (7 * record) + (position / 5));

    public string FileOf(string name) => Path.Combine(FolderPath, name);

    public void Dispose() => _root.Dispose();
}
