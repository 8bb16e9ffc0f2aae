using Alter.Connect;
using Alter.Grants;
using Alter.Testing;
using Azure.Data.Tables;

namespace Alter.Tests.Connect;

/// <summary>
/// Every column of a session's, a flow's and a pending grant's row set to what a storage writer might try (security A35). The columns are those of the
/// rows the vault wrote, so one that is added later is tried too.
/// </summary>
public sealed class RowSurgeryTests(SharedAzurite azurite) : ConnectFixture(azurite)
{
    private static readonly object?[] Values =
    [
        null, "evil", "[]", "{}", "null", "https://evil.com/", 7, true, Array.Empty<byte>(), new byte[48], DateTimeOffset.MaxValue,
    ];

    [Fact]
    public async Task No_column_of_a_session_can_be_set_to_anything_else()
    {
        var session = await SessionAsync("erp", "oidc");
        var redirect = await AuthorizeAsync(session);
        Assert.True((await FinishAsync(Consented(redirect), redirect.Cookie)).Succeeded(out _, out _)); // Claims and a last return are in the row now.
        var key = (await Vault.ConnectTokens.ReadSessionAsync(session, Cancellation))!;
        Assert.True((await Vault.Sessions.FindAsync(key, Cancellation)).Succeeded(out _, out _));

        await EachEditAsync(Rows, key.Partition, key.Row, ["op"], ["closed_at", "origin", "grant_expires_at", "grant_max_expires_at"], async () =>
            !(await Vault.Sessions.FindAsync(key, Cancellation)).Succeeded(out _, out var refusal) && refusal is ConnectSessionExpired);
    }

    [Fact]
    public async Task No_column_of_a_flow_can_be_set_to_anything_else()
    {
        var redirect = await AuthorizeAsync(await SessionAsync());
        var key = (await Vault.ConnectTokens.ReadStateAsync(StateOf(redirect), Cancellation))!;
        Assert.True((await Vault.Flows.FindAsync(key, Cancellation)).Succeeded(out _, out _));

        await EachEditAsync(Rows, key.Partition, key.Row, [], ["consumed_by"], async () =>
            !(await Vault.Flows.FindAsync(key, Cancellation)).Succeeded(out _, out var refusal) && refusal is ConnectFlowInvalid);
        Assert.Empty(Provider.Requests);
    }

    [Fact]
    public async Task No_column_of_a_pending_grant_can_be_set_to_anything_else()
    {
        var request = new ConnectSessionRequest { AllowedProviders = ["erp"], ReturnUrl = "https://shop.acme.com/connected", BrowserProof = "complete" };
        Assert.True((await Vault.Minting.MintAsync(Vault.App, Vault.User(), "Ada", request, Cancellation)).Succeeded(out var created, out _));
        var redirect = await AuthorizeAsync(created.SessionToken);
        Assert.True((await FinishAsync(Consented(redirect), redirect.Cookie)).Succeeded(out _, out var refused), refused?.Code);
        var owner = await Vault.OwnerAsync();
        var pending = Assert.Single((await Vault.Store.ListAllAsync(owner, Cancellation)).Pending);
        var code = CompletionCode.Of((await Vault.Ring.FindAsync(pending.Secrets.KeyVersion, Cancellation))!, pending);

        // What it was refused for, when its tokens are due and how often that failed, decides nothing while it waits.
        string[] free = ["op", "cause", "at_life", "due", "next_attempt", "fails", "last_error", "revoked_at", "rv", "rv_at", "rv_outcome", "lease_op", "lease_until", "lease_gen", "forced_at"];
        await EachEditAsync(GrantRows, pending.Key.Partition, pending.Key.Row, free, [], async () =>
            !(await Vault.Complete.RunAsync(Vault.App, owner, code, Cancellation)).Succeeded(out _, out _) && (await GrantsAsync()).Count == 0);

        Assert.True((await Vault.Complete.RunAsync(Vault.App, owner, code, Cancellation)).Succeeded(out _, out var reason), reason?.Code); // As it was written it is good.
    }

    /// <summary>Sets each column to each value, asks, and puts the row back.</summary>
    private static async Task EachEditAsync(TableClient rows, string partition, string row, string[] free, string[] absent, Func<Task<bool>> isRefused)
    {
        var written = (await rows.GetEntityAsync<TableEntity>(partition, row, cancellationToken: Cancellation)).Value;
        var columns = written.Keys.Where(name => name is not ("PartitionKey" or "RowKey" or "Timestamp" or "odata.etag")).Except(free).ToList();
        Assert.True(columns.Count >= 8, string.Join(' ', columns));
        foreach (var column in columns.Union(absent))
        {
            var old = written.TryGetValue(column, out var value) ? value : null;
            foreach (var edit in Values.Where(edit => !Equals(edit, old) && !(column == "params" && edit is not string)))
            {
                var edited = new TableEntity(written) { [column] = edit ?? "" };
                if (edit is null)
                {
                    edited.Remove(column);
                }

                await rows.UpsertEntityAsync(edited, TableUpdateMode.Replace, Cancellation);
                Assert.True(await isRefused(), $"{column} = {edit ?? "null"}");
            }
        }

        await rows.UpsertEntityAsync(written, TableUpdateMode.Replace, Cancellation);
    }
}
