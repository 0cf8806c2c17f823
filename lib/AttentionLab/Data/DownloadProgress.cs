namespace AttentionLab.Data;

/// <summary>How far a download has come.</summary>
/// <param name="Bytes">Bytes on disk so far, those of an earlier, interrupted run included.</param>
/// <param name="TotalBytes">Bytes of the whole file.</param>
/// <param name="BytesPerSecond">What came in during this run, divided by how long it has been running.</param>
public sealed record DownloadProgress(long Bytes, long TotalBytes, double BytesPerSecond);
