using Alter.Grants;
using Alter.Testing;
using Azure.Data.Tables;

namespace Alter.Tests.Grants;

/// <summary>
/// Every column of a grant's row set to everything a storage writer might try (security A35). The columns are those of the row the vault wrote, so one
/// that is added later is tried too.
/// </summary>
public sealed class RowSurgeryTests(SharedAzurite azurite) : GrantFixture(azurite)
{
    // Writing these delays a refresh at most, or changes what people are told of an ended grant.
    private static readonly string[] Free =
    [
        "op", "cause", "completed_as", "at_life", "revoked_at", "due", "next_attempt", "fails", "last_error", "rv_outcome", "rv", "rv_at", "lease_op", "lease_until", "lease_gen", "forced_at", "restored_from",
    ];

    private static readonly object?[] Values =
    [
        null, "", "evil", "active", 0, int.MaxValue, long.MaxValue, double.NaN, true, Array.Empty<byte>(), new byte[48], DateTimeOffset.MaxValue,
    ];

    [Fact]
    public async Task No_column_that_decides_anything_can_be_set_to_anything_else()
    {
        var grant = await FullAsync();
        var written = await RowAsync(grant.Key);
        var columns = ColumnsOf(written).Except(Free).ToList();
        Assert.True(columns.Count >= 16, string.Join(' ', columns));

        foreach (var column in columns)
        {
            foreach (var value in Values.Where(value => !MeansTheSame(column, written[column], value)))
            {
                await WriteAsync(written, column, value);

                var read = await Vault.ReadAsync(grant);
                var released = read.RefusalAt(Time.GetUtcNow()) is null && (await Vault.AccessTokens.GetAsync(read, Vault.App.Providers["erp"], Cancellation)).Succeeded(out _, out _);
                Assert.False(released, $"{column} = {value ?? "null"}");
            }
        }

        Assert.Empty(Provider.Requests);
        Assert.Empty(Provider.Revocations);
    }

    [Fact]
    public async Task A_column_that_decides_nothing_sends_no_token_elsewhere_whatever_it_holds()
    {
        foreach (var column in Free)
        {
            var grant = await FullAsync($"{column}@example.com");
            var written = await RowAsync(grant.Key);
            foreach (var value in Values)
            {
                await WriteAsync(written, column, value);

                var read = await Vault.ReadAsync(grant);
                Assert.Contains((await Vault.Store.ListAllAsync(await Vault.OwnerAsync(), Cancellation)).Grants, other => other.Id == grant.Id); // And hides no grant.
                if ((await Vault.AccessTokens.GetAsync(read, Vault.App.Providers["erp"], Cancellation)).Succeeded(out var usable, out _))
                {
                    Assert.Equal((grant.Id, grant.Place), (usable.Token.Reveal().Length > 0 ? usable.Grant.Id : default, usable.Grant.Place));
                    Assert.True(Provider.Accepts(usable.Token.Reveal()), column);
                }
            }
        }

        Assert.Empty(Provider.Revocations);
    }

    private Task<Grant> FullAsync(string account = "ada@example.com") => GrantAsync(draft =>
    {
        draft.Account = account;
        draft.Change = grant => grant with
        {
            ExpiresAt = Time.GetUtcNow().AddDays(1),
            MaxExpiresAt = Time.GetUtcNow().AddDays(2),
            DueAt = Time.GetUtcNow().AddMinutes(40),
            NextAttemptAt = Time.GetUtcNow().AddMinutes(-1),
            Fails = 1,
            LastError = "provider_timeout",
        };
    });

    private static IEnumerable<string> ColumnsOf(TableEntity row) => row.Keys.Where(name => name is not ("PartitionKey" or "RowKey" or "Timestamp" or "odata.etag"));

    // The parameters are empty here, and what is no text reads as empty.
    private static bool MeansTheSame(string column, object? old, object? value) => Equals(old, value) || (column == "params" && value is not (string and { Length: > 0 }));

    private async Task WriteAsync(TableEntity written, string column, object? value)
    {
        var row = new TableEntity(written);
        if (value is null)
        {
            row.Remove(column);
        }
        else
        {
            row[column] = value;
        }

        await Rows.UpsertEntityAsync(row, TableUpdateMode.Replace, Cancellation);
    }
}
