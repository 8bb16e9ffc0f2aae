using System.Globalization;
using Alter.Storage.Wire;
using Azure;
using Azure.Data.Tables;
using CsCheck;

namespace Alter.Tests.Storage;

public sealed class TableRowTests
{
    [Fact]
    public void It_holds_what_a_dictionary_would() =>
        Gen.Select(Gen.Int[0, 60], Gen.Int).Array[0, 200].Sample(writes =>
        {
            var (row, expected) = (new TableRow("p", "r", 0), new Dictionary<string, object>(StringComparer.Ordinal));
            foreach (var (name, value) in writes)
            {
                row[Name(name)] = expected[Name(name)] = value;
            }

            Assert.Equal(expected.Count, row.Columns.Length);
            for (var name = 0; name <= 61; name++)
            {
                Assert.Equal(expected.GetValueOrDefault(Name(name)), row[Name(name)]);
                Assert.Equal(expected.ContainsKey(Name(name)), row.TryGetValue(Name(name), out _));
            }
        });

    [Fact]
    public void An_entity_comes_back_as_it_was()
    {
        var entity = new TableEntity("p", "r")
        {
            ["text"] = "é",
            ["number"] = 5L,
            ["bytes"] = new byte[] { 1 },
            ["missing"] = null,
            ETag = new ETag("W/1"),
            Timestamp = DateTimeOffset.UnixEpoch,
        };
        var back = TableRow.Of(entity).ToEntity();

        Assert.Equal((entity.PartitionKey, entity.RowKey, entity.ETag, entity.Timestamp), (back.PartitionKey, back.RowKey, back.ETag, back.Timestamp));
        Assert.Equal(["é", 5L, new byte[] { 1 }, null], new[] { "text", "number", "bytes", "missing" }.Select(name => back.TryGetValue(name, out var value) ? value : null));
        Assert.Equal("é", new TableRow("p", "r") { ["text"] = Utf8Text.Of("é") }.ToEntity()["text"]);
    }

    [Fact]
    public void The_same_columns_lie_under_another_partition()
    {
        var row = new TableRow("p", "r") { ["text"] = "t" };
        var other = row.Under("q");

        Assert.Equal(("q", "r", "t"), (other.PartitionKey, other.RowKey, other["text"]));
        Assert.Equal("p", row.PartitionKey);
    }

    [Fact]
    public void A_row_given_back_is_empty_and_the_next_one_read_holds_nothing_of_it()
    {
        var row = TableRow.Reading(24);
        (row["text"], row["number"]) = ("t", 1);
        row.GiveBack();
        var next = TableRow.Reading(24);

        Assert.True(row.Columns.IsEmpty);
        Assert.Null(row["text"]);
        Assert.True(next.Columns.IsEmpty);
        next["other"] = "o";
        Assert.Null(next["text"]);
        Assert.Null(row["other"]);
        Assert.Empty(TableRow.Reading(24).Columns.ToArray()); // Another's, for that one is in use.
    }

    // Some share their mark: 64 there are.
    private static string Name(int number) => number is 0 ? "" : number % 2 is 0 ? $"column{number}" : number.ToString(CultureInfo.InvariantCulture);
}
