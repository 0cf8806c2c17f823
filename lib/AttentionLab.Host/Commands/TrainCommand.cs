using System.CommandLine;
using AttentionLab.Host.Training;

namespace AttentionLab.Host.Commands;

/// <summary>The command <c>train</c>: trains a network, keeps it after every epoch, and writes its weights and a page.</summary>
internal static class TrainCommand
{
    public const string Name = "train";

    public const string Examples = """
        Examples:
          {program} train --model plain --data shapes --epochs 6
              the tutorial's network on the built-in set, which needs no file; artifacts/training/index.html shows how it went
          {program} train --model plain --data data --preset fast
              CIFAR-10 in 8 epochs instead of 50
          {program} train --model se --data data --seed 1 --validation-fraction 0.1 --out runs/se-1
              the network with squeeze-and-excitation on CIFAR-10 for 50 epochs, validated with pictures that it does not train on
          {program} train --model se --data data --seed 1 --validation-fraction 0.1 --out runs/se-1 --resume
              resumes after the last whole epoch, and ends as if it had not been stopped
          {program} train --model se --weights runs/se-1/weights.safetensors --data data --epochs 5 --learning-rate 0.0001 --out runs/se-2
              goes on training from saved weights
          {program} train --model plain --data shapes --limit 1000 --epochs 2 --json
              a quick try; one JSON document for a script

          {program} train --model plain --grey --data digits --preset fast
              a network of one channel, on a folder with a subfolder of grey pictures for each class

          {program} train --model resnet18 --freeze --data my-pictures --out runs/mine
              a last layer on the pretrained ResNet-18, from a few dozen photographs in a folder for each class
          {program} train --model colleague.onnx --preprocessing imagenet --fine-tune --data my-pictures --out runs/mine
              the same on a network of another program, whose last stage learns too; {program} predict --weights runs/mine/weights.safetensors
              asks it, for the file holds the network
          {program} train --model colleague.onnx --data my-pictures --epochs 5 --out runs/whole
              all of that network learns; a last layer for the folder's classes stands in place of its own where they are others
          {program} train --model resnet34 --data my-pictures --preset fast --out runs/scratch
              torchvision's network from random weights; resnet34 and its like take thousands of pictures, and long on a CPU
          {program} train --model resnet18 --from-scratch --data my-pictures --preset fast --out runs/scratch18
              the same of the one network by name that is pretrained otherwise

        The folder gets weights.safetensors (after the last epoch), best.safetensors (after the best one), index.html, and checkpoint.safetensors
        after every epoch. Ctrl+C stops at the next batch; the same command with --resume resumes after the last whole epoch.

        Exit codes: 0 done, 1 training or a file failed, 2 wrong usage, 130 stopped by Ctrl+C, 143 by SIGTERM.

        """;

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var arguments = new TrainArguments();
        var command = new Command(Name, "Trains a network.");
        arguments.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
                CommandLine.ReportErrorsAsync(
                    parsed,
                    _ =>
                        arguments.LearnsHead(parsed)
                            ? new HeadSession(arguments, parsed).RunAsync(cancellationToken)
                            : new TrainingSession(arguments, parsed).RunAsync(cancellationToken)
                )
        );
        return command;
    }
}
