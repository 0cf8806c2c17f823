using System.Diagnostics;
using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Host.Commands;
using AttentionLab.Kernel.Commands;
using AttentionLab.Models;
using AttentionLab.Training;

namespace AttentionLab.Host.Tests.Commands;

/// <summary>Processes that end at any moment, as by a power cut or the task manager.</summary>
public sealed class KilledProcessTests : IDisposable
{
    private const int Kills = 6;

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Whenever_a_training_is_killed_the_next_one_leaves_nothing_but_its_files()
    {
        var random = new Random(1);
        string[] args =
        [
            "train",
            "--model",
            "se",
            "--data",
            "shapes",
            "--limit",
            "64",
            "--epochs",
            "40",
            "--threads",
            "1",
            "--resume",
            "--out",
            _workspace.Out,
        ];
        int withPartial = 0;
        for (int i = 0; i < Kills; i++)
        {
            using Process process = Start(args);

            // From the start of the process on, and in the midst of its epochs, each of which writes a checkpoint.
            string marker = Path.Combine(_workspace.Out, i < 2 ? ".in-use.txt" : "checkpoint.safetensors");
            DateTime since = DateTime.UtcNow.AddSeconds(-1);
            while (!process.HasExited && !(File.Exists(marker) && File.GetLastWriteTimeUtc(marker) >= since))
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            await Task.Delay(random.Next(300), TestContext.Current.CancellationToken);
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            withPartial += Directory.GetFiles(_workspace.Out, ".*").Length > 0 ? 1 : 0;
        }

        Assert.True(withPartial > 0, "No kill left anything: then this test shows nothing.");
        await File.WriteAllTextAsync(
            Path.Combine(_workspace.Out, ".weights.safetensors.0123456789abcdef0123456789abcdef.partial"),
            "half",
            TestContext.Current.CancellationToken
        );
        Assert.Equal(0, await _workspace.Run([.. args.Select(word => word == "40" ? "41" : word)]));
        Assert.Equal(
            ["best.safetensors", "checkpoint.safetensors", "index.html", "weights.safetensors"],
            Directory.GetFileSystemEntries(_workspace.Out).Select(Path.GetFileName).Order()
        );
    }

    [Fact]
    public async Task A_second_run_into_a_folder_says_who_holds_it()
    {
        using Process process = Start(
            "train",
            "--model",
            "se",
            "--data",
            "shapes",
            "--limit",
            "64",
            "--epochs",
            "1000",
            "--threads",
            "1",
            "--out",
            _workspace.Out
        );
        try
        {
            while (!process.HasExited && !File.Exists(Path.Combine(_workspace.Out, ".in-use.txt")))
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            await Task.Delay(200, TestContext.Current.CancellationToken);
            Assert.Equal(
                ExitCode.Failed,
                await _workspace.Run("train", "--model", "se", "--data", "shapes", "--out", _workspace.Out, "--resume")
            );
            Assert.Matches(
                $@"out is in use: process {process.Id} on .+, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d, writes to it\.",
                _workspace.Error
            );

            // A notebook that trains into the same checkpoint by the library is refused likewise.
            while (!process.HasExited && Marks().Length < 2)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            await Task.Delay(200, TestContext.Current.CancellationToken);
            Assert.Contains(
                $"checkpoint.safetensors is in use: process {process.Id} on ",
                Assert.Throws<InUseException>(() => Train()).Message,
                StringComparison.Ordinal
            );
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.NotEmpty(Marks());
        using (OutputFolder.Take(_workspace.Out))
        {
            Assert.Throws<InUseException>(() => OutputFolder.Take(_workspace.Out));
        }

        File.Delete(Path.Combine(_workspace.Out, "checkpoint.safetensors")); // of other options
        Assert.Single(Train().Epochs);
        Assert.Empty(Marks());

        string[] Marks() => Directory.GetFiles(_workspace.Out, "*.in-use.txt");

        TrainingHistory Train()
        {
            using var model = new Cnn(seed: 1);
            return new Trainer(
                new TrainingOptions
                {
                    Epochs = 1,
                    Device = TorchSharp.torch.CPU,
                    CheckpointFile = Path.Combine(_workspace.Out, "checkpoint.safetensors"),
                }
            ).Fit(model, ShapeSet.Create(train: 16, test: 8));
        }
    }

    [Fact]
    public void A_folder_that_was_only_taken_is_gone_again()
    {
        using (OutputFolder.Take(_workspace.At("new")))
        {
            Assert.True(Directory.Exists(_workspace.At("new")));
        }

        Assert.False(Directory.Exists(_workspace.At("new")));
        Directory.CreateDirectory(_workspace.At("old"));
        using (OutputFolder.Take(_workspace.At("old"))) { }

        Assert.Empty(Directory.GetFileSystemEntries(_workspace.At("old")));
    }

    private static Process Start(params string[] args)
    {
        string program = typeof(CommandLine).Assembly.Location;
        var start = new ProcessStartInfo(
            Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet"
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(program);
        foreach (string arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
