using System.Buffers.Binary;
using System.Text;
using AttentionLab.Data;
using AttentionLab.Models;
using AttentionLab.Tests.Data;
using AttentionLab.Training;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Training;

public sealed class TensorBoardLogTests
{
    [Fact]
    public void A_runs_losses_and_accuracies_are_in_an_event_file()
    {
        using var folder = new TemporaryFolder();
        string logs = Path.Combine(folder.Path, "logs");
        using var model = new Cnn(seed: 1);
        TrainingHistory history = new Trainer(
            new TrainingOptions
            {
                Epochs = 2,
                BatchSize = 16,
                ValidationFraction = 0.2,
                Device = CPU,
            }
        ).Fit(model, ShapeSet.Create(40, 20), new TensorBoardLog(logs).Record);

        string file = Assert.Single(Directory.GetFiles(logs));
        Assert.StartsWith("events.out.tfevents.", Path.GetFileName(file), StringComparison.Ordinal);
        List<Event> events = [.. Records(File.ReadAllBytes(file)).Select(Event.Parse)];
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        double now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Assert.All(events.Skip(1), e => Assert.InRange(e.WallTime, now - 600, now + 1));
        Assert.Equal(
            [
                "accuracy/test",
                "accuracy/train",
                "accuracy/validation",
                "images_per_second",
                "learning_rate",
                "loss/batch",
                "loss/test",
                "loss/train",
                "loss/validation",
            ],
            events.Skip(1).Select(e => e.Tag!).Distinct().Order(StringComparer.Ordinal)
        );
        Check("loss/batch", history.IterationLosses);
        Check("loss/train", history.Epochs.Select(e => e.TrainLoss));
        Check("loss/test", history.Epochs.Select(e => e.TestLoss));
        Check("loss/validation", history.Epochs.Select(e => e.ValidationLoss!.Value));
        Check("accuracy/train", history.Epochs.Select(e => e.TrainAccuracy));
        Check("accuracy/test", history.Epochs.Select(e => e.TestAccuracy));
        Check("accuracy/validation", history.Epochs.Select(e => e.ValidationAccuracy!.Value));
        Check("learning_rate", history.Epochs.Select(e => e.LearningRate));
        Check("images_per_second", history.Epochs.Select(e => e.ImagesPerSecond));

        void Check(string tag, IEnumerable<double> values) =>
            Assert.Equal(
                values.Select((value, i) => (i + 1L, (float)value)),
                events.Where(e => e.Tag == tag).Select(e => (e.Step, e.Value))
            );
    }

    [Fact]
    public void The_checksum_is_the_published_one() => Assert.Equal(0xE3069283, Crc32C("123456789"u8));

    /// <summary>TFRecord: length, its masked checksum, the bytes, their masked checksum.</summary>
    private static List<byte[]> Records(byte[] file)
    {
        var records = new List<byte[]>();
        for (int at = 0; at < file.Length; )
        {
            ReadOnlySpan<byte> here = file.AsSpan(at);
            int length = (int)BinaryPrimitives.ReadInt64LittleEndian(here);
            Assert.Equal(Masked(here[..8]), BinaryPrimitives.ReadUInt32LittleEndian(here[8..]));
            ReadOnlySpan<byte> data = here.Slice(12, length);
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(here[(12 + length)..]));
            records.Add(data.ToArray());
            at += 12 + length + 4;
        }

        return records;
    }

    private static uint Masked(ReadOnlySpan<byte> data) => unchecked(uint.RotateRight(Crc32C(data), 15) + 0xA282EAD8);

    private static uint Crc32C(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78);
            }
        }

        return ~crc;
    }

    /// <summary>What tensorflow's event.proto and summary.proto say of a scalar, read field by field.</summary>
    private sealed record Event(double WallTime, long Step, string? FileVersion, string? Tag, float Value)
    {
        public static Event Parse(byte[] bytes)
        {
            Dictionary<int, byte[]> fields = Fields(bytes);
            Dictionary<int, byte[]> value = fields.TryGetValue(5, out byte[]? summary) ? Fields(Fields(summary)[1]) : [];
            return new Event(
                BitConverter.ToDouble(fields[1]),
                fields.TryGetValue(2, out byte[]? step) ? BitConverter.ToInt64(step) : 0,
                fields.TryGetValue(3, out byte[]? version) ? Encoding.UTF8.GetString(version) : null,
                value.TryGetValue(1, out byte[]? tag) ? Encoding.UTF8.GetString(tag) : null,
                value.TryGetValue(2, out byte[]? number) ? BitConverter.ToSingle(number) : 0
            );
        }

        private static Dictionary<int, byte[]> Fields(byte[] message)
        {
            var fields = new Dictionary<int, byte[]>();
            int at = 0;
            while (at < message.Length)
            {
                long key = Varint();
                fields[(int)(key >> 3)] = (key & 7) switch
                {
                    0 => BitConverter.GetBytes(Varint()),
                    1 => Take(8),
                    2 => Take((int)Varint()),
                    5 => Take(4),
                    _ => throw new InvalidDataException($"wire type {key & 7}"),
                };
            }

            return fields;

            long Varint()
            {
                long value = 0;
                for (int shift = 0; ; shift += 7)
                {
                    byte part = message[at++];
                    value |= (long)(part & 127) << shift;
                    if (part < 128)
                    {
                        return value;
                    }
                }
            }

            byte[] Take(int count) => message[at..(at += count)];
        }
    }
}
