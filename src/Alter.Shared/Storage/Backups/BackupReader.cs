using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Alter.Storage;

/// <summary>Reads a backup, a line at a time: whatever its size, one row is in memory. Its author may be anybody.</summary>
/// <param name="from">The file; it stays open.</param>
public sealed class BackupReader(Stream from)
{
    /// <summary>When the backup was begun; known with the first row.</summary>
    public DateTimeOffset TakenAt { get; private set; }

    /// <summary>SHA-256 of the whole file as lower-case hex; known at the end.</summary>
    public string Digest { get; private set; } = "";

    /// <summary>The rows. Only who reached the end knows that they are all there and as they were written.</summary>
    /// <exception cref="BackupRefusedException">It is no backup, of another version, cut off, or not as it was written.</exception>
    public async IAsyncEnumerable<BackupRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (lines, rows, hasEnded) = (0L, 0L, false);
        await foreach (var line in LinesAsync(from, cancellationToken))
        {
            if (hasEnded)
            {
                throw new BackupRefusedException("Something follows the last line of the backup.");
            }

            lines++;
            if (lines == 1)
            {
                TakenAt = BackupLine.ReadHeader(line);
            }
            else if (BackupLine.TryReadRow(line) is { } row)
            {
                rows++;
                yield return row;
            }
            else if (BackupLine.TryReadEnd(line) is { } end)
            {
                if (end.Rows != rows || end.Digest != Convert.ToHexStringLower(hash.GetCurrentHash()))
                {
                    throw new BackupRefusedException("The backup is not as it was written: its digest does not match.");
                }

                hasEnded = true;
            }
            else
            {
                throw new BackupRefusedException($"Line {lines} of the backup is malformed.");
            }

            hash.AppendData(line);
            hash.AppendData("\n"u8);
        }

        if (!hasEnded)
        {
            throw new BackupRefusedException(lines == 0 ? "The file is empty." : "The backup is cut off: its last line is missing.");
        }

        Digest = Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static async IAsyncEnumerable<byte[]> LinesAsync(Stream from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(from, new StreamPipeReaderOptions(bufferSize: 1 << 16, leaveOpen: true));
        try
        {
            while (true)
            {
                var read = await pipe.ReadAsync(cancellationToken);
                var buffer = read.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    yield return Line(buffer.Slice(0, end));
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                }

                if (buffer.Length > BackupLine.MaxBytes)
                {
                    throw TooLong();
                }

                if (read.IsCompleted)
                {
                    if (!buffer.IsEmpty)
                    {
                        throw new BackupRefusedException("The backup is cut off in the middle of a line.");
                    }

                    yield break;
                }

                pipe.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        finally
        {
            await pipe.CompleteAsync();
        }
    }

    private static byte[] Line(ReadOnlySequence<byte> line) => line.Length <= BackupLine.MaxBytes ? line.ToArray() : throw TooLong();

    private static BackupRefusedException TooLong() => new("A line of the backup is longer than any row.");
}
