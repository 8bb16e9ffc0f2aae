using System.Text.Json;
using Alter.Audit;
using Alter.Storage;
using Alter.Storage.Wire;

namespace Alter.Tests.Audit;

/// <summary>Entries that wait for the activity tables: each keeps its own text, in whatever memory it lies.</summary>
public sealed class ActivityBatchTests
{
    private readonly ActivityBatch batch = new();

    [Fact]
    public void Each_entry_keeps_its_text_and_what_rows_are_made_of()
    {
        for (var round = 0; round < 3; round++) // Memory that was given back is used again.
        {
            var texts = Enumerable.Range(0, 300).Select(number => Text(round, number)).ToList();
            var entries = texts.Select(_ => Entry(AuditKinds.End)).ToList();
            for (var at = 0; at < texts.Count; at++)
            {
                batch.Add(entries[at], Utf8Text.Of(texts[at]));
            }

            Assert.Equal(texts, batch.Entries.Select(entry => JsonSerializer.Deserialize<string>(entry.Json.Span)));
            Assert.Equal(
                entries.Select(entry => (entry.At, entry.Id, entry.App, entry.User, entry.Provider, entry.GrantId, entry.Outcome)),
                batch.Entries.Select(entry => (entry.At, entry.Id, entry.App, entry.User, entry.Provider, entry.GrantId, entry.Outcome)));

            batch.Clear();

            Assert.Empty(batch.Entries);
        }
    }

    [Theory]
    [InlineData(AuditKinds.Call)]
    [InlineData(AuditKinds.Start)]
    public void What_nobody_looks_for_is_not_taken(string kind)
    {
        batch.Add(Entry(kind), Utf8Text.Of("text"));

        Assert.Empty(batch.Entries);
    }

    // Short ones by the dozen, some that are escaped, one that may fill a segment to its last byte, and one that is longer than any.
    private static string Text(int round, int number) => new((number % 28) switch { 26 => '"', 27 => 'é', var letter => (char)('a' + letter) }, number switch { 100 => (32 * 1024) - 1, 200 => 70_000, _ => 1 + (((round * 300) + number) * 7 % 900) });

    private static AuditEntry Entry(string kind) => new()
    {
        Kind = kind,
        Id = OperationId.New(),
        At = DateTimeOffset.UnixEpoch,
        App = "shop",
        User = new string('a', 64),
        Provider = "erp",
        GrantId = Guid.NewGuid(),
        Outcome = AuditOutcomes.Answered,
    };
}
