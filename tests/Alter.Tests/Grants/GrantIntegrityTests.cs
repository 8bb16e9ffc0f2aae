using Alter.Grants;
using Alter.Testing;
using Azure.Data.Tables;

namespace Alter.Tests.Grants;

/// <summary>What a writer of the storage account can do to a row, and what comes of it (security A35).</summary>
public sealed class GrantIntegrityTests(SharedAzurite azurite) : GrantFixture(azurite)
{
    public static TheoryData<string, Func<object?, object?>> Edits => new()
    {
        { "app", _ => "another" },
        { "gid", _ => Guid.NewGuid().ToString("D") },
        { "gid", _ => "not an id" },
        { "provider", _ => "evil" },
        { "acct", _ => "another" },
        { "params", _ => "subdomain=evil" },
        { "gen", old => (int)old! + 1 },
        { "gen", _ => "text" },
        { "kek", _ => 5 },
        { "dek", Flipped },
        { "at", Flipped },
        { "at", _ => null },
        { "rt", Flipped },
        { "rt", _ => null },
        { "profile", Flipped },
        { "scopes", _ => """["orders.read","orders.write","admin"]""" },
        { "scopes", _ => "{" },
        { "created_at", old => ((DateTimeOffset)old!).AddTicks(1) },
        { "expires_at", old => ((DateTimeOffset)old!).AddTicks(1) },
        { "expires_at", _ => null },
        { "expires_at", _ => "text" },
        { "max_expires_at", old => ((DateTimeOffset)old!).AddTicks(1) },
        { "at_exp", old => ((DateTimeOffset)old!).AddTicks(1) },
        { "cak", _ => "another" },
        { "mac", Flipped },
        { "mac", _ => null },
        { "mac", _ => Array.Empty<byte>() },
    };

    [Theory]
    [MemberData(nameof(Edits), DisableDiscoveryEnumeration = true)]
    public async Task No_covered_column_can_be_edited(string column, Func<object?, object?> edit)
    {
        var grant = await LimitedAsync();
        await EditAsync(grant.Key, row =>
        {
            if (edit(row[column]) is { } value)
            {
                row[column] = value;
            }
            else
            {
                row.Remove(column);
            }
        });

        var read = await Vault.ReadAsync(grant);
        Assert.False((await Vault.AccessTokens.GetAsync(read, Vault.App.Providers["erp"], Cancellation)).Succeeded(out _, out var refusal));

        if (column == "kek")
        {
            Assert.IsType<KeyUnavailable>(refusal);
        }
        else
        {
            Assert.IsType<IntegrityFailure>(refusal);
        }

        Assert.Empty(Provider.Requests);
    }

    [Fact]
    public async Task The_row_as_it_was_written_is_believed()
    {
        var read = await Vault.ReadAsync(await LimitedAsync());

        Assert.True((await Vault.AccessTokens.GetAsync(read, Vault.App.Providers["erp"], Cancellation)).Succeeded(out var usable, out _));
        Assert.True(Provider.Accepts(usable.Token.Reveal()));
    }

    [Fact]
    public async Task Another_users_row_is_refused_in_ones_own_partition()
    {
        var adas = await GrantAsync();
        var mallory = await Vault.OwnerAsync("mallory");
        foreach (var userHash in new[] { adas.Place.UserHash, mallory.Hash })
        {
            var stolen = await RowAsync(adas.Key);
            stolen.PartitionKey = mallory.Partition;
            stolen["uh"] = userHash;
            await Rows.UpsertEntityAsync(stolen, TableUpdateMode.Replace, Cancellation);

            var resolved = await Vault.Resolution.ResolveAsync(mallory, "erp", null, Cancellation);

            if (resolved.Succeeded(out var grant, out var refusal))
            {
                Assert.False((await Vault.AccessTokens.GetAsync(grant, Vault.App.Providers["erp"], Cancellation)).Succeeded(out _, out refusal));
            }

            Assert.True(refusal is GrantNotFound or IntegrityFailure, refusal?.Code);
        }
    }

    [Theory]
    [InlineData(GrantStatus.Revoked)]
    [InlineData(GrantStatus.Expired)]
    [InlineData(GrantStatus.CredentialRevoked)]
    public async Task An_ended_grant_cannot_be_set_back_to_active(GrantStatus status)
    {
        var grant = await GrantAsync();
        var before = await RowAsync(grant.Key);
        await Vault.Store.TryReplaceAsync(grant.Ended(status, null, Time.GetUtcNow()), Cancellation);

        // The writer kept the sealed tokens, too.
        await EditAsync(grant.Key, row => (row["status"], row["at"], row["rt"], row["kek"]) = ("active", before["at"], before["rt"], before["kek"]));
        await EditAsync(grant.Key, row => row.Remove("at_exp"));

        var read = await Vault.ReadAsync(grant);
        Assert.Equal(GrantStatus.Active, read.Status);
        Assert.False((await Vault.AccessTokens.GetAsync(read, Vault.App.Providers["erp"], Cancellation)).Succeeded(out _, out var refusal));
        Assert.IsType<IntegrityFailure>(refusal);
    }

    [Fact]
    public async Task A_status_nobody_knows_releases_nothing()
    {
        var grant = await GrantAsync();
        await EditAsync(grant.Key, row => row["status"] = "ACTIVE");

        Assert.IsType<CredentialRevoked>((await Vault.ReadAsync(grant)).RefusalAt(Time.GetUtcNow()));
    }

    [Fact]
    public async Task One_broken_row_does_not_hide_the_others()
    {
        var good = await GrantAsync();
        var broken = await GrantAsync(draft => draft.Account = "other@example.com");
        await EditAsync(broken.Key, row => (row["gid"], row["gen"], row["scopes"], row["status"], row["created_at"]) = (7, "x", "]", 5, "never"));

        var owner = await Vault.OwnerAsync();
        Assert.Contains(await Vault.Store.ListAsync(owner, "erp", Cancellation), grant => grant.Id == good.Id);
        Assert.True((await Vault.Resolution.ResolveAsync(owner, "erp", null, Cancellation)).Succeeded(out var resolved, out _));
        Assert.Equal(good.Id, resolved.Id);
    }

    private static object? Flipped(object? old)
    {
        var bytes = ((byte[])old!).ToArray();
        bytes[^1] ^= 1;
        return bytes;
    }

    private Task<Grant> LimitedAsync() => GrantAsync(draft => draft.Change = grant => grant with
    {
        ExpiresAt = Time.GetUtcNow().AddDays(1),
        MaxExpiresAt = Time.GetUtcNow().AddDays(2),
    });
}
