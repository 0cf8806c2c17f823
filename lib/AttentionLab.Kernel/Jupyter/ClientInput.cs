using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Jupyter;

/// <summary>What cells read from Console: each line is asked from the client that runs the cell.</summary>
internal sealed class ClientInput(KernelSockets sockets, Action<string> log) : TextReader
{
    private string _line = "";
    private int _position;
    private volatile Question? _asked;

    /// <inheritdoc/>
    public override int Peek() => _position < _line.Length ? _line[_position] : -1;

    /// <inheritdoc/>
    public override int Read()
    {
        if (_position == _line.Length)
        {
            _line = Ask() + "\n";
            _position = 0;
        }

        return _line[_position++];
    }

    /// <inheritdoc/>
    public override string ReadLine()
    {
        if (_position == _line.Length)
        {
            return Ask();
        }

        string rest = _line[_position..].TrimEnd('\n');
        _position = _line.Length;
        return rest;
    }

    /// <inheritdoc/>
    public override string ReadToEnd() =>
        throw new NotSupportedException("Input in a notebook has no end. Read it line by line.");

    /// <summary>Takes a client's answer.</summary>
    public void Answer(IncomingMessage reply)
    {
        // Some clients do not say what they answer.
        if (_asked is { } asked && (reply.ParentId == "" || reply.ParentId == asked.Message.Id))
        {
            _asked = null;
            asked.Line.TrySetResult(reply.Text("value"));
        }
        else
        {
            log("An input_reply that nothing waits for was dropped.");
        }
    }

    private string Ask()
    {
        if (RunningCell.Current is not { CancellationToken: var interrupted, Output: CellOutput { Request: { } request } })
        {
            throw new InvalidOperationException("No cell runs that could be asked for input.");
        }

        if (!request.Flag("allow_stdin", true))
        {
            throw new InvalidOperationException(
                "This client takes no input (its request says allow_stdin: false). Set a variable instead of reading one."
            );
        }

        var question = new Question(
            new(
                MessageChannel.Stdin,
                request.Identities,
                "input_request",
                request.Header,
                new() { ["prompt"] = "", ["password"] = false }
            ),
            new(TaskCreationOptions.RunContinuationsAsynchronously)
        );
        _asked = question;
        sockets.Send(question.Message);
        question.Line.Task.Wait(interrupted);
        return question.Line.Task.Result;
    }

    private sealed record Question(OutgoingMessage Message, TaskCompletionSource<string> Line);
}
