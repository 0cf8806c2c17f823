#nullable enable
using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;

namespace AttentionLab.Build;

/// <summary>
/// Marks one needed symbol version of a 64-bit little-endian ELF library weak, so that the dynamic loader accepts a system
/// library that lacks it. Nothing is written when the entry is absent or weak already.
/// </summary>
/// <remarks>
/// Layout of the section <c>.gnu.version_r</c>: Linux Standard Base Core 5.0, "Symbol Versioning". Each Verneed record (16
/// bytes) names a library and heads a chain of Vernaux records (16 bytes): hash 4, flags 2, other 2, name 4, next 4.
/// </remarks>
public sealed class WeakenSymbolVersion : Microsoft.Build.Utilities.Task
{
    private const uint SectionTypeVersionNeed = 0x6ffffffe;
    private const ushort FlagWeak = 0x2;

    /// <summary>The library to change.</summary>
    [Required]
    public string Library { get; set; } = "";

    /// <summary>The version's name, such as <c>GLIBCXX_3.4.32</c>.</summary>
    [Required]
    public string Version { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            byte[] image = File.ReadAllBytes(Library);
            if (!TryWeaken(image, Version))
            {
                return true;
            }

            // The file may be a hard link into the package cache: write a new one and rename it over the link. It keeps the
            // package's time, so that the next build takes it for an unchanged copy.
            DateTime written = File.GetLastWriteTimeUtc(Library);
            string fresh = Library + ".weak";
            File.WriteAllBytes(fresh, image);
            File.SetLastWriteTimeUtc(fresh, written);
            File.Delete(Library);
            File.Move(fresh, Library);
            Log.LogMessage(MessageImportance.Low, "{0}: {1} is weak now.", Library, Version);
            return true;
        }
        catch (Exception e) when (e is IOException || e is UnauthorizedAccessException || e is InvalidDataException)
        {
            Log.LogError("{0} could not be made loadable: {1}", Library, e.Message);
            return false;
        }
    }

    /// <summary>Sets the weak flag of every entry named <paramref name="version"/>; false when there was nothing to set.</summary>
    /// <exception cref="InvalidDataException">The image is no 64-bit little-endian ELF file, or ends inside a record.</exception>
    public static bool TryWeaken(byte[] image, string version)
    {
        if (
            image.Length < 64
            || image[0] != 0x7f
            || image[1] != 'E'
            || image[2] != 'L'
            || image[3] != 'F'
            || image[4] != 2
            || image[5] != 1
        )
        {
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        }

        bool changed = false;
        try
        {
            long sections = BitConverter.ToInt64(image, 0x28);
            int sectionSize = BitConverter.ToUInt16(image, 0x3a),
                sectionCount = BitConverter.ToUInt16(image, 0x3c);
            for (int s = 0; s < sectionCount; s++)
            {
                int section = checked((int)(sections + (long)s * sectionSize));
                if (BitConverter.ToUInt32(image, section + 4) != SectionTypeVersionNeed)
                {
                    continue;
                }

                int strings = checked((int)(sections + BitConverter.ToUInt32(image, section + 40) * (long)sectionSize));
                long names = BitConverter.ToInt64(image, strings + 24);
                int need = checked((int)BitConverter.ToInt64(image, section + 24));
                for (uint n = BitConverter.ToUInt32(image, section + 44); n > 0; n--)
                {
                    int entry = checked(need + (int)BitConverter.ToUInt32(image, need + 8));
                    for (int a = BitConverter.ToUInt16(image, need + 2); a > 0; a--)
                    {
                        ushort flags = BitConverter.ToUInt16(image, entry + 4);
                        if ((flags & FlagWeak) == 0 && IsName(image, names + BitConverter.ToUInt32(image, entry + 8), version))
                        {
                            image[entry + 4] = (byte)(flags | FlagWeak);
                            changed = true;
                        }

                        entry = checked(entry + (int)BitConverter.ToUInt32(image, entry + 12));
                    }

                    need = checked(need + (int)BitConverter.ToUInt32(image, need + 12));
                }
            }
        }
        catch (Exception e) when (e is ArgumentException || e is OverflowException || e is IndexOutOfRangeException)
        {
            throw new InvalidDataException("a version record points outside the file", e);
        }

        return changed;
    }

    private static bool IsName(byte[] image, long at, string name)
    {
        byte[] expected = Encoding.ASCII.GetBytes(name + "\0");
        if (at < 0 || at + expected.Length > image.Length)
        {
            return false;
        }

        for (int i = 0; i < expected.Length; i++)
        {
            if (image[at + i] != expected[i])
            {
                return false;
            }
        }

        return true;
    }
}
