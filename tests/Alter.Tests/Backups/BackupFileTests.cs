using System.Text;
using Alter.Storage;
using Azure.Data.Tables;

namespace Alter.Tests.Backups;

public sealed class BackupFileTests
{
    private const string Header = "{\"format\":\"alter-backup\",\"version\":1,\"taken_at\":\"2026-11-24T02:00:00.0000000Z\"}";

    private static readonly DateTimeOffset TakenAt = new DateTimeOffset(2026, 11, 24, 2, 0, 0, TimeSpan.Zero).AddTicks(1_234_567);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_type_of_column_comes_back_exactly()
    {
        var row = new TableEntity("shop|000000000000000", "erp|ä\"<'\u2028")
        {
            ["text"] = "a\u0000b\n\ud83d\ude00\"",
            ["nothing"] = "",
            ["bytes"] = new byte[] { 0, 255, 10 },
            ["none"] = Array.Empty<byte>(),
            ["yes"] = true,
            ["no"] = false,
            ["instant"] = TakenAt,
            ["number"] = -0.1,
            ["odd"] = double.NaN,
            ["id"] = Guid.Parse("8f4421d0-03bb-8a6c-b2d7-0e9c55a1f310"),
            ["small"] = int.MinValue,
            ["large"] = long.MaxValue,
        };

        var (rows, reader) = await ReadAsync(await WrittenAsync(row));

        var read = Assert.Single(rows);
        Assert.Equal((TakenAt, "grants", row.PartitionKey, row.RowKey), (reader.TakenAt, read.Table, read.Entity.PartitionKey, read.Entity.RowKey));
        Assert.Equal(row.Keys.Order(StringComparer.Ordinal), read.Entity.Keys.Order(StringComparer.Ordinal));
        Assert.All(row.Keys, name => Assert.Equal(row[name], read.Entity[name]));
    }

    [Fact]
    public async Task What_storage_keeps_of_a_row_is_left_out()
    {
        var row = new TableEntity("p", "r") { ["odata.etag"] = "W/\"1\"", ["Timestamp"] = TakenAt, ["gen"] = 1 };

        var (rows, _) = await ReadAsync(await WrittenAsync(row));

        Assert.Equal(["PartitionKey", "RowKey", "gen"], Assert.Single(rows).Entity.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Its_digest_is_that_of_the_file()
    {
        using var to = new MemoryStream();
        using var writer = await BackupWriter.BeginAsync(to, TakenAt, Cancellation);
        await writer.AddAsync(new BackupRow("grants", new TableEntity("p", "r")), Cancellation);
        var digest = await writer.EndAsync(Cancellation);

        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(to.ToArray())), digest);
        Assert.Equal(digest, (await ReadAsync(to.ToArray())).Reader.Digest);
    }

    [Fact]
    public async Task Cut_off_at_any_byte_it_is_refused()
    {
        var whole = await WrittenAsync(new TableEntity("p", "r") { ["gen"] = 1 }, new TableEntity("p", "s"));

        for (var length = 0; length < whole.Length; length++)
        {
            await Assert.ThrowsAsync<BackupRefusedException>(() => ReadAsync(whole[..length]));
        }
    }

    [Fact]
    public async Task With_any_byte_altered_it_is_refused()
    {
        var whole = await WrittenAsync(new TableEntity("p", "r") { ["gen"] = 1, ["rt"] = new byte[] { 1, 2, 3 } });

        for (var at = 0; at < whole.Length; at++)
        {
            var altered = whole.ToArray();
            altered[at] ^= 1;
            await Assert.ThrowsAsync<BackupRefusedException>(() => ReadAsync(altered));
        }
    }

    [Theory]
    [InlineData("""{"table":"grants","pk":"p","rk":"r","columns":[],"more":1}""")]
    [InlineData("""{"table":"grants","pk":"p","rk":"r","rk":"r"}""")]
    [InlineData("""{"table":"grants","pk":"p","rk":"r","columns":{}}""")]
    [InlineData("""{"table":"grants","pk":"p","rk":"r","columns":[["gen","int32",1]]}""")]
    [InlineData("""{"table":"grants","pk":"p","rk":"r","columns":[["gen","int32"]]}""")]
    [InlineData("""{"table":"grants","pk":"p","rk":"r","columns":[["gen","int32","1.5"]]}""")]
    [InlineData("""{"table":"grants","pk":"p","rk":"r","columns":[["gen","int32","1"],["gen","int32","2"]]}""")]
    [InlineData("""{"table":"grants","pk":"p","rk":"r","columns":[["gen","decimal","1"]]}""")]
    [InlineData("""{"table":"grants","pk":"p","rk":"r","columns":[["rt","binary","%%"]]}""")]
    [InlineData("""{"table":"grants","pk":"p","rk":"r","columns":[["due","instant","2026-11-24T02:00:00.0000000+01:00"]]}""")]
    [InlineData("""{"table":"grants","pk":"p","rk":"r","columns":[["RowKey","string","x"]]}""")]
    [InlineData("""{"table":"grants","pk":"p","rk":"r","columns":[["odata.type","string","x"]]}""")]
    [InlineData("""{"table":"grants","pk":"p","rk":"r","columns":[[["deep"],"string","x"]]}""")]
    [InlineData("""{"table":"grants","pk":"p","rk":"r","columns":[["gen","string","\ud800"]]}""")]
    [InlineData("""{"table":"grants","pk":"a/b","rk":"r","columns":[]}""")]
    [InlineData("""{"table":"grants","pk":"","rk":"r","columns":[]}""")]
    [InlineData("""{"table":"grants","pk":"p","rk":7,"columns":[]}""")]
    [InlineData("""{"table":"","pk":"p","rk":"r","columns":[]}""")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{")]
    [InlineData("")]
    public async Task A_line_that_is_no_row_is_refused_and_not_repeated(string line)
    {
        var refused = await Assert.ThrowsAsync<BackupRefusedException>(() => ReadAsync(Encoding.UTF8.GetBytes($"{Header}\n{line}\n")));

        Assert.Equal("Line 2 of the backup is malformed.", refused.Message);
    }

    [Theory]
    [InlineData("""{"format":"alter-backup","version":1,"taken_at":"yesterday"}""", "malformed")]
    [InlineData("""{"format":"alter-backup","version":1}""", "malformed")]
    [InlineData("""{"format":"alter-backup","version":1,"taken_at":"2026-11-24T02:00:00.0000000Z","kek":"x"}""", "malformed")]
    [InlineData("""{"format":"alter-backup","version":1.5,"taken_at":"2026-11-24T02:00:00.0000000Z"}""", "another version")]
    [InlineData("""{"format":"alter-backup","version":"1","taken_at":"2026-11-24T02:00:00.0000000Z"}""", "another version")]
    [InlineData("""{"format":"tar","version":1}""", "no backup")]
    [InlineData("[]", "no backup")]
    public async Task A_first_line_of_another_kind_is_refused(string line, string said)
    {
        var refused = await Assert.ThrowsAsync<BackupRefusedException>(() => ReadAsync(Encoding.UTF8.GetBytes($"{line}\n")));

        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_never_ends_is_not_read_to_its_end()
    {
        using var endless = new Endless();

        await Assert.ThrowsAsync<BackupRefusedException>(async () => await new BackupReader(endless).ReadAsync(Cancellation).CountAsync(Cancellation));

        Assert.InRange(endless.Filled, 8 << 20, 32 << 20);
    }

    private static async Task<byte[]> WrittenAsync(params TableEntity[] rows)
    {
        using var to = new MemoryStream();
        using var writer = await BackupWriter.BeginAsync(to, TakenAt, Cancellation);
        foreach (var row in rows)
        {
            await writer.AddAsync(new BackupRow("grants", row), Cancellation);
        }

        await writer.EndAsync(Cancellation);
        return to.ToArray();
    }

    private static async Task<(IReadOnlyList<BackupRow> Rows, BackupReader Reader)> ReadAsync(byte[] bytes)
    {
        using var from = new MemoryStream(bytes);
        var reader = new BackupReader(from);
        return (await reader.ReadAsync(Cancellation).ToListAsync(Cancellation), reader);
    }

    private sealed class Endless : Stream
    {
        public long Filled { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)' ');
            Filled += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
