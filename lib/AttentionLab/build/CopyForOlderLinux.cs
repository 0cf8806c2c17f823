#nullable enable
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace AttentionLab.Build;

/// <summary>
/// Copies TorchSharp's native library for Linux systems whose C++ runtime is older than the one it was built with, and whose
/// copy may lie in another folder than libtorch.
/// </summary>
/// <remarks>
/// Layouts: System V ABI, "Section Header" and "Dynamic Section"; Linux Standard Base Core 5.0, "Symbol Versioning".
/// </remarks>
public sealed class CopyForOlderLinux : Microsoft.Build.Utilities.Task
{
    private const string SymbolVersion = "GLIBCXX_3.4.32";
    private const uint DynamicSection = 6,
        VersionNeedSection = 0x6ffffffe;
    private const long NeededTag = 1;
    private const ushort WeakFlag = 0x2;

    /// <summary>TorchSharp's library for Linux on x64.</summary>
    [Microsoft.Build.Framework.Required]
    public string Library { get; set; } = "";

    /// <summary>The file to write.</summary>
    [Microsoft.Build.Framework.Required]
    public string Copy { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            byte[] image = File.ReadAllBytes(Library);
            if (!TryWeaken(image, SymbolVersion))
            {
                throw new InvalidDataException($"it does not ask for {SymbolVersion}, so this copy can be given up");
            }

            // libtorch.so holds nothing: it only leads to libtorch_cpu.so, which TorchSharp has loaded by then. Without this the
            // loader would look for libtorch.so beside the copy.
            Redirect(image, "libtorch.so", "libtorch_cpu.so");

            // Two builds may run side by side: each writes a file of its own and renames it.
            string own = $"{Copy}.{Guid.NewGuid():N}";
            File.WriteAllBytes(own, image);
            if (File.Exists(Copy))
            {
                File.Replace(own, Copy, null);
            }
            else
            {
                File.Move(own, Copy);
            }

            return true;
        }
        catch (Exception e) when (e is IOException || e is UnauthorizedAccessException || e is InvalidDataException)
        {
            Log.LogError("{0} could not be copied to {1}: {2}", Library, Copy, e.Message);
            return false;
        }
    }

    /// <summary>
    /// Marks the needed symbol version <paramref name="version"/> weak, so that the dynamic loader accepts a system library that
    /// lacks it; false when the file does not ask for it.
    /// </summary>
    /// <exception cref="InvalidDataException">Not a 64-bit little-endian ELF file, or a record points outside it.</exception>
    public static bool TryWeaken(byte[] image, string version) =>
        Read(
            image,
            () =>
            {
                bool found = false;
                foreach (int section in Sections(image, VersionNeedSection))
                {
                    long names = Names(image, section);
                    int need = Offset(image, section);
                    for (uint n = BitConverter.ToUInt32(image, section + 44); n > 0; n--)
                    {
                        int entry = checked(need + (int)BitConverter.ToUInt32(image, need + 8));
                        for (int a = BitConverter.ToUInt16(image, need + 2); a > 0; a--)
                        {
                            if (Name(image, names + BitConverter.ToUInt32(image, entry + 8)) == version)
                            {
                                image[entry + 4] |= (byte)WeakFlag;
                                found = true;
                            }

                            entry = checked(entry + (int)BitConverter.ToUInt32(image, entry + 12));
                        }

                        need = checked(need + (int)BitConverter.ToUInt32(image, need + 12));
                    }
                }

                return found;
            }
        );

    /// <summary>Lets the file need <paramref name="other"/>, which it needs too, instead of <paramref name="library"/>.</summary>
    /// <exception cref="InvalidDataException">
    /// Not a 64-bit little-endian ELF file, a record points outside it, or it does not need both libraries.
    /// </exception>
    public static void Redirect(byte[] image, string library, string other) =>
        Read(
            image,
            () =>
            {
                int? from = null,
                    to = null;
                foreach (int section in Sections(image, DynamicSection))
                {
                    long names = Names(image, section);
                    int end = checked(Offset(image, section) + (int)BitConverter.ToInt64(image, section + 32));
                    for (int entry = Offset(image, section); entry < end; entry += 16)
                    {
                        if (BitConverter.ToInt64(image, entry) == NeededTag)
                        {
                            string name = Name(image, names + BitConverter.ToInt64(image, entry + 8));
                            from = name == library ? entry : from;
                            to = name == other ? entry : to;
                        }
                    }
                }

                if (from is null || to is null)
                {
                    throw new InvalidDataException($"it does not need both {library} and {other}");
                }

                Array.Copy(image, to.Value + 8, image, from.Value + 8, 8);
                return true;
            }
        );

    private static bool Read(byte[] image, Func<bool> work)
    {
        byte[] magic = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1];
        if (image.Length < 64 || !image.Take(magic.Length).SequenceEqual(magic))
        {
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        }

        try
        {
            return work();
        }
        catch (Exception e) when (e is ArgumentException || e is OverflowException || e is IndexOutOfRangeException)
        {
            throw new InvalidDataException("a record points outside the file", e);
        }
    }

    /// <summary>Where the headers of the sections of one type begin.</summary>
    private static IEnumerable<int> Sections(byte[] image, uint type)
    {
        for (int s = 0; s < BitConverter.ToUInt16(image, 0x3c); s++)
        {
            int header = Header(image, s);
            if (BitConverter.ToUInt32(image, header + 4) == type)
            {
                yield return header;
            }
        }
    }

    private static int Header(byte[] image, long section) =>
        checked((int)(BitConverter.ToInt64(image, 0x28) + (section * BitConverter.ToUInt16(image, 0x3a))));

    private static int Offset(byte[] image, int header) => checked((int)BitConverter.ToInt64(image, header + 24));

    /// <summary>Where the strings of a section begin: in the section that it links to.</summary>
    private static int Names(byte[] image, int header) => Offset(image, Header(image, BitConverter.ToUInt32(image, header + 40)));

    private static string Name(byte[] image, long at)
    {
        int start = checked((int)at);
        return Encoding.ASCII.GetString(image, start, Array.IndexOf(image, (byte)0, start) - start);
    }
}
