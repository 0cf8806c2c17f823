using System.Net;
using System.Text.Json;

namespace AttentionLab.Kernel.Jupyter;

/// <summary>
/// Where a client waits for the kernel, and the key that both sign with: the file named by <c>--connection-file</c>.
/// </summary>
internal sealed record ConnectionFile(
    string Transport,
    string Ip,
    string Key,
    string SignatureScheme,
    int ShellPort,
    int ControlPort,
    int IopubPort,
    int StdinPort,
    int HbPort
)
{
    private static readonly JsonSerializerOptions SnakeCase = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads and checks the file.</summary>
    /// <param name="path">The file a client wrote.</param>
    /// <param name="anyAddress">Whether an address that other machines can reach is allowed.</param>
    /// <exception cref="ConnectionFileException">It cannot be read, or asks for something this kernel does not do.</exception>
    public static ConnectionFile Read(string path, bool anyAddress = false)
    {
        ConnectionFile file;
        try
        {
            file =
                JsonSerializer.Deserialize<ConnectionFile>(File.ReadAllText(path), SnakeCase)
                ?? throw new JsonException("It holds null.");
        }
        catch (JsonException e) when (e.InnerException is InvalidOperationException)
        {
            throw new ConnectionFileException(
                $"The connection file {path} cannot be read. It holds half of a surrogate pair (such as \\ud800), which is no "
                    + "character.",
                e
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new ConnectionFileException($"The connection file {path} cannot be read. {e.Message}", e);
        }

        string? problem = file switch
        {
            { Transport: not "tcp" } => $"transport \"{file.Transport}\": this kernel speaks tcp only",
            { SignatureScheme: not "hmac-sha256" } =>
                $"signature_scheme \"{file.SignatureScheme}\": this kernel signs with hmac-sha256 only",
            { Key: "" } => "it has no key: without one, anybody on this machine could run code here",
            _ when file.Ports.Any(port => port is < 1 or > 65535) => "each of its five ports must be from 1 to 65535",
            _ when file.Address is null => $"ip \"{file.Ip}\" is not an IP address",
            _ when !IPAddress.IsLoopback(file.Address) && !anyAddress =>
                $"ip {file.Ip} can be reached from other machines. Add --any-address where that is meant",
            _ => null,
        };
        return problem is null ? file : throw new ConnectionFileException($"The connection file {path} is refused: {problem}.");
    }

    /// <summary>The address of a port, as sockets name it.</summary>
    public string Endpoint(int port) => $"tcp://{new IPEndPoint(Address!, port)}";

    private int[] Ports => [ShellPort, ControlPort, IopubPort, StdinPort, HbPort];

    private IPAddress? Address =>
        Ip == "localhost" ? IPAddress.Loopback
        : IPAddress.TryParse(Ip, out IPAddress? address) ? address
        : null;
}
