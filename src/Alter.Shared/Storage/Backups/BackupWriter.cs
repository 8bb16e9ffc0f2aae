using System.Security.Cryptography;

namespace Alter.Storage;

/// <summary>Writes a backup, a line at a time.</summary>
public sealed class BackupWriter : IDisposable
{
    private readonly Stream to;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long rows;

    private BackupWriter(Stream to) => this.to = to;

    /// <summary>Begins a backup.</summary>
    /// <param name="to">Where it goes; it stays open.</param>
    /// <param name="takenAt">What it can tell of: everything that was stored before. Not a moment later than the first row is read.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    public static async Task<BackupWriter> BeginAsync(Stream to, DateTimeOffset takenAt, CancellationToken cancellationToken)
    {
        var writer = new BackupWriter(to);
        await writer.WriteAsync(BackupLine.OfHeader(takenAt), cancellationToken);
        return writer;
    }

    /// <summary>Adds a row.</summary>
    public async Task AddAsync(BackupRow row, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(row);
        await WriteAsync(BackupLine.OfRow(row), cancellationToken);
        rows++;
    }

    /// <summary>Closes the backup: without its last line it is none.</summary>
    /// <returns>SHA-256 of the whole file, as lower-case hex.</returns>
    public async Task<string> EndAsync(CancellationToken cancellationToken)
    {
        await WriteAsync(BackupLine.OfEnd(rows, Convert.ToHexStringLower(hash.GetCurrentHash())), cancellationToken);
        await to.FlushAsync(cancellationToken);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    public void Dispose() => hash.Dispose();

    private async Task WriteAsync(byte[] line, CancellationToken cancellationToken)
    {
        hash.AppendData(line);
        await to.WriteAsync(line, cancellationToken);
    }
}
