using AttentionLab.Kernel.Commands;

namespace AttentionLab.Kernel.Tests.Jupyter;

public sealed class ConnectionFileTests
{
    private const string Good =
        """{"transport":"tcp","ip":"127.0.0.1","key":"k","signature_scheme":"hmac-sha256","shell_port":1,"control_port":2,"iopub_port":3,"stdin_port":4,"hb_port":5}""";

    [Theory]
    [InlineData("\"tcp\"", "\"ipc\"", "transport")]
    [InlineData("127.0.0.1", "0.0.0.0", "--any-address")]
    [InlineData("127.0.0.1", "192.168.1.5", "--any-address")]
    [InlineData("127.0.0.1", "::", "--any-address")]
    [InlineData("127.0.0.1", "*", "not an IP address")]
    [InlineData("\"k\"", "\"\"", "no key")]
    [InlineData("\"k\"", "\"\\ud800\"", "half of a surrogate pair")]
    [InlineData("\"tcp\"", "\"\\udc00\"", "half of a surrogate pair")]
    [InlineData("\"k\"", "null", "cannot be read")]
    [InlineData("\"key\":\"k\",", "", "cannot be read")]
    [InlineData("hmac-sha256", "hmac-md5", "hmac-sha256 only")]
    [InlineData(":5}", ":0}", "ports")]
    [InlineData(":5}", ":65536}", "ports")]
    [InlineData(":5}", "", "cannot be read")]
    public async Task A_connection_file_that_cannot_be_served_is_refused_and_the_reason_told(
        string part,
        string instead,
        string reason
    )
    {
        using var workspace = new Workspace();
        workspace.Write("c.json", Good.Replace(part, instead, StringComparison.Ordinal));
        Assert.Equal(ExitCode.Failed, await workspace.Run("kernel", "--connection-file", workspace.At("c.json")));
        Assert.Contains(reason, workspace.Error, StringComparison.Ordinal);
        Assert.Contains(workspace.At("c.json"), workspace.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_connection_file_is_named()
    {
        using var workspace = new Workspace();
        Assert.Equal(ExitCode.Failed, await workspace.Run("kernel", "--connection-file", workspace.At("none.json")));
        Assert.Contains("none.json", workspace.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_addresses_are_served_when_told_so()
    {
        using var workspace = new Workspace();
        workspace.Write("c.json", Good.Replace("127.0.0.1", "::", StringComparison.Ordinal));
        Assert.Equal(
            "tcp://[::]:5",
            AttentionLab.Kernel.Jupyter.ConnectionFile.Read(workspace.At("c.json"), anyAddress: true) is var file
                ? file.Endpoint(file.HbPort)
                : ""
        );
    }
}
