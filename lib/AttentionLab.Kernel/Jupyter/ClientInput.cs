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
        if (_asked is not { } asked || (reply.ParentId != "" && reply.ParentId != asked.Message.Id))
        {
            log("An input_reply that nothing waits for was dropped.");
            return;
        }

        try
        {
            asked.Line.TrySetResult(reply.Text("value"));
            _asked = null;
        }
        catch (MalformedMessageException e)
        {
            log($"An input_reply was dropped: {e.Message}. The question stays open.");
        }
    }

    /// <summary>Asks the client that runs a cell.</summary>
    /// <param name="request">The request that runs the cell.</param>
    /// <param name="prompt">What the reader sees beside the box.</param>
    /// <param name="isPassword">Whether what the reader types is hidden.</param>
    /// <param name="interrupted">Gives up.</param>
    /// <exception cref="InvalidOperationException">The client takes no input.</exception>
    public async Task<string> AskAsync(IncomingMessage request, string prompt, bool isPassword, CancellationToken interrupted)
    {
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
                new() { ["prompt"] = prompt, ["password"] = isPassword }
            ),
            new(TaskCreationOptions.RunContinuationsAsynchronously)
        );
        _asked = question;
        sockets.Send(question.Message);
        return await question.Line.Task.WaitAsync(interrupted).ConfigureAwait(false);
    }

    private static string Ask()
    {
        if (RunningCell.Current is not { } cell)
        {
            throw new InvalidOperationException("No cell runs that could be asked for input.");
        }

        Task<string> line = cell.Output.AskAsync("", isPassword: false, cell.CancellationToken);
        line.Wait(cell.CancellationToken);
        return line.Result;
    }

    private sealed record Question(OutgoingMessage Message, TaskCompletionSource<string> Line);
}
