using Microsoft.AspNetCore.Http;

namespace AttentionLab.Host.Exploring;

/// <summary>The messages of exceptions that the page shows.</summary>
internal static class ExploreError
{
    /// <summary>A sentence; null for an exception that is a mistake of this program.</summary>
    public static string? TextOf(Exception e) =>
        e switch
        {
            OperationCanceledException => "Stopped.",
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
                $"The file has more than {ExploreServer.MostUploadBytes / 1_000_000} MB: reduce the picture first.",
            ArgumentException { ParamName: not null } => e.Message.Split(" (Parameter '")[0],
            ExploreException or ArgumentException or InvalidDataException or InvalidOperationException or IOException =>
                e.Message,
            _ => null,
        };
}
