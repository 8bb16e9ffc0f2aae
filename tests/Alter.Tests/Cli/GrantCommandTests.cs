using System.Text.Json;
using Alter.Grants;
using Alter.Testing;
using Azure.Data.Tables;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Cli;

/// <summary><c>alter grants list</c> and <c>show</c>.</summary>
public sealed class GrantCommandTests(OwnAzurite azurite) : GrantCommandFixture(azurite)
{
    [Fact]
    public async Task Every_state_has_its_word_its_line_and_its_count()
    {
        var grants = await EveryStateAsync();

        var output = await RunAsync("list");

        foreach (var (state, grant) in grants)
        {
            Assert.Contains(state, LineOf(output, grant), StringComparison.Ordinal);
        }

        Assert.Contains("provider_timeout x2, ", LineOf(output, grants["retrying"]), StringComparison.Ordinal);
        Assert.Contains("invalid_grant", LineOf(output, grants["credential_revoked"]), StringComparison.Ordinal);
        Assert.Contains($"{App} google  1 credential_revoked, 1 expired, 1 interrupted, 1 ok, 1 refreshing, 1 retrying, 1 revoked", output, StringComparison.Ordinal);
        Assert.Contains($"{App} slack   1 orphaned", output, StringComparison.Ordinal);
        Assert.Contains("8 grants, 5 in trouble.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trouble_leaves_out_what_works_and_what_ended_as_somebody_asked()
    {
        var grants = await EveryStateAsync();

        var output = await RunAsync("list", "--trouble");

        Assert.Equal(
            ["credential_revoked", "interrupted", "orphaned", "refreshing", "retrying"],
            grants.Where(one => output.Contains(one.Value.Id.ToString("D"), StringComparison.Ordinal)).Select(one => one.Key).Order());
        Assert.Contains("8 grants, 5 in trouble.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Filters_choose_by_state_provider_app_and_user()
    {
        var grants = await EveryStateAsync();
        var others = await GrantAsync(subject: "bob");

        Assert.Equivalent(new[] { grants["retrying"].Id, grants["expired"].Id }, await ListedAsync("--status", "retrying, expired"), strict: true);
        Assert.Equal(3, (await ListedAsync("--status", "ended")).Count);
        Assert.Equal([grants["orphaned"].Id], await ListedAsync("--provider", "slack"));
        Assert.Equal(9, (await ListedAsync("--app", App)).Count);
        Assert.Empty(await ListedAsync("--app", "nobody"));
        Assert.Empty(await ListedAsync("--app", App[..^1]));
        Assert.Equal([others.Id], await ListedAsync("--user", "bob"));
        Assert.Equal([others.Id], await ListedAsync("--user", "bob", "--issuer", "https://idp.acme.com"));
        Assert.Empty(await ListedAsync("--user", "mallory"));
        Assert.Equal((1, true), await RefusedAsync("list", "--user", "bob", "--issuer", "https://idp.acme.com/"));
    }

    [Fact]
    public async Task A_limit_cuts_the_lines_and_counts_all_the_same()
    {
        await GrantAsync();
        await GrantAsync();
        await GrantAsync();

        var output = await RunAsync("list", "--limit", "1");
        var none = await RunAsync("list", "--limit", "0");

        Assert.Contains("2 more are not shown (--limit).", output, StringComparison.Ordinal);
        Assert.Contains("3 grants, none in trouble.", output, StringComparison.Ordinal);
        Assert.Contains("3 more are not shown (--limit).", none, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Since_asks_when_a_grant_came_to_its_state()
    {
        await GrantAsync();
        var refused = await GrantAsync(change: Refused);
        await EditAsync(refused, "refused_at", Now.AddHours(-3));
        var ancient = await GrantAsync(change: Refused);
        await EditAsync(ancient, "refused_at", Now.AddDays(-3));

        Assert.Equal(3, (await ListedAsync("--since", "4d")).Count);
        Assert.DoesNotContain(ancient.Id, await ListedAsync("--since", "24h"));
        Assert.Single(await ListedAsync("--since", "90m"));
        Assert.Single(await ListedAsync("--since", Now.AddHours(-1).ToString("yyyy-MM-ddTHH:mm'Z'", null)));
        Machine.Time = new FakeTimeProvider(Now.AddHours(2));
        Assert.Empty(await ListedAsync("--since", "1h"));
    }

    [Theory]
    [InlineData("--since", "yesterday")]
    [InlineData("--since", "99999d")]
    [InlineData("--since", "11/24/2026")]
    [InlineData("--status", "broken")]
    [InlineData("--app", "shop' or PartitionKey gt '")]
    [InlineData("--provider", "Google")]
    [InlineData("--limit", "-1")]
    [InlineData("--issuer", "https://idp.acme.com")]
    public async Task An_option_that_cannot_be_understood_is_refused(string option, string value) => Assert.Equal((1, true), await RefusedAsync("list", option, value));

    [Fact]
    public async Task Where_nothing_is_stored_that_is_said_and_nothing_is_made()
    {
        await using var empty = await Azurite.StartAsync();
        Machine.Environment["AlterStorage"] = empty.ConnectionString;

        Assert.Contains("There are no such grants.", await RunAsync("list"), StringComparison.Ordinal);
        Assert.Contains("There are no such grants.", await RunAsync("list", "--user", "ada"), StringComparison.Ordinal);
        Assert.Equal((1, true), await RefusedAsync("show", Guid.NewGuid().ToString("D")));
        var tables = new List<string>();
        await foreach (var table in new TableServiceClient(empty.ConnectionString).QueryAsync(cancellationToken: Cancellation))
        {
            tables.Add(table.Name);
        }

        Assert.Empty(tables);
    }

    [Fact]
    public async Task Rows_nobody_sane_wrote_do_not_stop_the_walk()
    {
        var grant = await GrantAsync();
        await HostileAsync(grant);
        var copy = new TableEntity((await Rows.GetEntityAsync<TableEntity>(grant.Key.Partition, grant.Key.Row, cancellationToken: Cancellation)).Value) { PartitionKey = $"{App}|000000000000000" };
        await Rows.AddEntityAsync(copy, Cancellation);

        var output = await RunAsync("list");
        var json = await ReadAsync("list");

        Assert.Contains(" ok ", output.Split('\n').First(line => line.StartsWith(grant.Id.ToString("D"), StringComparison.Ordinal) && !line.Contains("damaged", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
        Assert.Contains("(damaged rows)", output, StringComparison.Ordinal);
        Assert.All(json.GetProperty("grants").EnumerateArray(), line => Assert.True(line.GetProperty("state").GetString() is "damaged" || line.GetProperty("grant_id").GetGuid() == grant.Id));
        Assert.Contains($"Grant {grant.Id:D}: ok", await RunAsync("show", grant.Id.ToString("D")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_column_of_a_grant_may_hold_anything_and_is_still_told()
    {
        var grant = await GrantAsync(change: Failing);
        var written = (await Rows.GetEntityAsync<TableEntity>(grant.Key.Partition, grant.Key.Row, cancellationToken: Cancellation)).Value;
        object[] values = ["", "\u001b[2J", int.MinValue, long.MaxValue, double.NaN, true, new byte[3], DateTimeOffset.MaxValue, Guid.Empty];
        var columns = written.Keys.Where(name => name is not ("PartitionKey" or "RowKey" or "Timestamp" or "odata.etag")).Append("lease_until").Append("refused_at").Append("rv").ToList();
        foreach (var column in columns)
        {
            foreach (var value in values)
            {
                await Rows.UpsertEntityAsync(new TableEntity(written) { [column] = value, ["lease_op"] = "op" }, TableUpdateMode.Replace, Cancellation);

                Assert.DoesNotContain('\u001b', await RunAsync("list"));
                if (column != "gid")
                {
                    Assert.DoesNotContain('\u001b', await RunAsync("show", grant.Id.ToString("D")));
                }
            }
        }
    }

    [Fact]
    public async Task Nothing_sealed_and_no_person_is_printed_and_no_key_is_asked_for()
    {
        var grants = await EveryStateAsync();
        var output = await RunAsync("list") + await RunAsync("list", "--json") + await RunAsync("list", "--user", "ada");
        foreach (var grant in grants.Values)
        {
            output += await RunAsync("show", grant.Id.ToString("D"));
        }

        foreach (var grant in grants.Values)
        {
            var row = (await Rows.GetEntityAsync<TableEntity>(grant.Key.Partition, grant.Key.Row, cancellationToken: Cancellation)).Value;
            foreach (var bytes in row.Select(column => column.Value).OfType<byte[]>())
            {
                Assert.DoesNotContain(Convert.ToBase64String(bytes)[..12], output, StringComparison.Ordinal);
                Assert.DoesNotContain(Convert.ToHexString(bytes)[..12], output, StringComparison.OrdinalIgnoreCase);
            }

            Assert.DoesNotContain(grant.Place.UserHash[20..], output, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("example.com", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Machine.PathOf(".alter")), "No key is made.");
    }

    [Fact]
    public async Task Show_says_what_happens_next_and_what_can_be_done()
    {
        var grants = await EveryStateAsync();

        await SaysAsync("ok", "renewed by the call that needs it", "Nothing has to be done.");
        await SaysAsync("retrying", "failed (provider_timeout), 2 in a row", "not before", "It is tried again", "status page");
        await SaysAsync("refreshing", "held until", "Wait until the lease ends");
        await SaysAsync("interrupted", "never given back", "A process ended in the middle of a refresh");
        await SaysAsync("orphaned", $"the document has no app {App} with provider slack", "Put app and provider back");
        await SaysAsync("expired", "its lifetime is over", "The user connects again");
        await SaysAsync("revoked", "it was revoked through the vault", "there was nothing to tell");
        await SaysAsync("credential_revoked", "refresh token   held, sealed", $"./alter grants retry {grants["credential_revoked"].Id:D}");

        async Task SaysAsync(string state, params string[] sentences)
        {
            var output = await RunAsync("show", grants[state].Id.ToString("D"));
            Assert.StartsWith($"Grant {grants[state].Id:D}: {state}", output, StringComparison.Ordinal);
            Assert.All(sentences, sentence => Assert.Contains(sentence, output, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_grant_of_an_app_that_left_the_document_is_found_by_its_id()
    {
        var grant = await GrantAsync();
        Machine.Has("alter.json", """{ "apps": {} }""");

        Assert.Contains("orphaned", LineOf(await RunAsync("list"), grant), StringComparison.Ordinal);
        Assert.StartsWith($"Grant {grant.Id:D}: orphaned", await RunAsync("show", grant.Id.ToString("D")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_grant_whose_place_was_taken_is_found_as_its_tombstone()
    {
        var grant = await GrantAsync();
        await Vault.Revocation.RevokeAsync(grant, Cancellation);
        var revoked = await Vault.ReadAsync(grant);
        var successor = grant with { Place = grant.Place with { GrantId = GrantId.New(await Vault.OwnerAsync()) } };
        Assert.Equal(ConnectWrite.Stored, await Vault.Store.ConnectAsync(successor, revoked, Vault.Marker(successor), await Vault.UserAsync(successor), Cancellation));

        Assert.StartsWith($"Grant {grant.Id:D}: revoked", await RunAsync("show", grant.Id.ToString("D")), StringComparison.Ordinal);
        Assert.Contains("The provider is told of its end", await RunAsync("show", grant.Id.ToString("D")), StringComparison.Ordinal);
        Assert.StartsWith($"Grant {successor.Id:D}: ok", await RunAsync("show", successor.Id.ToString("D")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Last_use_is_told_beside_its_grant()
    {
        var (used, unused) = (await GrantAsync(), await GrantAsync());
        await Vault.Store.NoteUseAsync(used);

        var lines = (await ReadAsync("list")).GetProperty("grants").EnumerateArray().ToDictionary(line => line.GetProperty("grant_id").GetGuid());

        Assert.InRange(lines[used.Id].GetProperty("last_used_at").GetDateTimeOffset(), Now.AddMinutes(-1), Now);
        Assert.Equal(JsonValueKind.Null, lines[unused.Id].GetProperty("last_used_at").ValueKind);
        Assert.DoesNotContain("never, or not noted", await RunAsync("show", used.Id.ToString("D")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_that_cannot_be_used_calls_nothing_orphaned()
    {
        await GrantAsync("slack");
        Machine.Has("alter.json", "{");

        var output = await RunAsync("list");

        Assert.Contains("so nothing is called orphaned", output, StringComparison.Ordinal);
        Assert.Contains("1 grant, none in trouble.", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "There is no setting AlterStorage")]
    [InlineData("hunter2", "no connection string")]
    [InlineData("AccountName=hunter2;AccountKey=aHVudGVyMg==;TableEndpoint=http://127.0.0.1:9/a;QueueEndpoint=http://127.0.0.1:9/a", "Storage does not answer.")]
    public async Task Storage_that_cannot_be_reached_is_said_in_a_sentence(string? setting, string sentence)
    {
        Machine.Environment.Remove("AlterStorage");
        if (setting is not null)
        {
            Machine.Environment["AlterStorage"] = setting;
        }

        foreach (var arguments in new string[][] { ["list"], ["show", Guid.NewGuid().ToString("D")], ["retry", "--provider", "google"] })
        {
            var (exit, output) = await Machine.RunAsync(["grants", .. arguments]);
            Assert.Equal(1, exit);
            Assert.Contains(sentence, output, StringComparison.Ordinal);
            Assert.DoesNotContain("hunter2", output, StringComparison.Ordinal);
            Assert.DoesNotContain(" at ", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_storage_account_that_gives_no_right_names_the_role()
    {
        Machine.Environment["AlterStorage"] = Machine.Environment["AlterStorage"].Replace("AccountKey=Eby8", "AccountKey=Abcd", StringComparison.Ordinal);

        var (exit, output) = await Machine.RunAsync(["grants", "list"]);

        Assert.Equal(1, exit);
        Assert.Contains("Storage Table Data Reader", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_azure_it_is_the_operator_who_asks_and_one_who_has_not_signed_in_is_told_to()
    {
        Machine.Environment.Remove("AlterStorage");
        Machine.Environment["AlterStorage__tableServiceUri"] = "https://127.0.0.1:9";
        Machine.Environment["AlterStorage__queueServiceUri"] = "https://127.0.0.1:9";

        foreach (var arguments in new string[][] { ["list"], ["show", Guid.NewGuid().ToString("D")], ["retry", "--provider", "google"] })
        {
            var (exit, output) = await Machine.RunAsync(["grants", .. arguments]);
            Assert.Equal((1, "Sign in first, with az login or azd auth login."), (exit, output.Trim()));
        }
    }

    [Fact]
    public async Task A_walk_that_is_stopped_says_so()
    {
        await GrantAsync();

        var (exit, output) = await Machine.RunAsync(["grants", "list"], cancellationToken: new CancellationToken(canceled: true));

        Assert.Equal(1, exit);
        Assert.Contains("Stopped.", output, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyDictionary<string, Grant>> EveryStateAsync() => new Dictionary<string, Grant>
    {
        ["ok"] = await GrantAsync(),
        ["retrying"] = await GrantAsync(change: Failing),
        ["refreshing"] = await GrantAsync(change: grant => grant with { Lease = new RefreshLease("op", Now.AddMinutes(5), 1) }),
        ["interrupted"] = await GrantAsync(change: grant => grant with { Lease = new RefreshLease("op", Now.AddMinutes(-5), 1) }),
        ["orphaned"] = await GrantAsync("slack"),
        ["expired"] = await GrantAsync(change: grant => grant with { ExpiresAt = Now.AddMinutes(-5) }),
        ["revoked"] = await GrantAsync(change: grant => grant with { Status = GrantStatus.Revoked, RevokedAt = Now.AddMinutes(-5) }),
        ["credential_revoked"] = await GrantAsync(change: Refused),
    };

    private async Task HostileAsync(Grant grant)
    {
        var junk = new Dictionary<string, object> { ["gid"] = 7, ["uh"] = true, ["app"] = 1.5, ["provider"] = new byte[] { 1 }, ["status"] = Now, ["fails"] = "many", ["scopes"] = "[", ["created_at"] = "now", ["lease_op"] = "\u001b[2J" };
        foreach (var (partition, row) in new[] { ("", ""), ("", "~g|"), ("junk", "junk"), ("shop|short", "google|x"), ("\u00fc", "~p|"), (App + "|", "~u|"), (grant.Key.Partition, "~u|not-an-id"), (grant.Key.Partition, "google|junk"), ("~", "~s|a|b") })
        {
            await Rows.UpsertEntityAsync(new TableEntity(partition, row), TableUpdateMode.Replace, Cancellation);
            await Rows.UpsertEntityAsync(new TableEntity(junk) { PartitionKey = partition + "2", RowKey = row }, TableUpdateMode.Replace, Cancellation);
        }

        await Rows.UpsertEntityAsync(new TableEntity(grant.Key.Partition, $"~u|{grant.Id:D}") { ["last_used_at"] = "\u001b[2J", ["uh"] = grant.Place.UserHash }, TableUpdateMode.Replace, Cancellation);
        await Rows.UpsertEntityAsync(new TableEntity(grant.Key.Partition, "~s|a|b") { ["marked"] = 1, ["creation"] = "yes", ["uh"] = grant.Place.UserHash }, TableUpdateMode.Replace, Cancellation);
        Assert.Contains((await Vault.Store.ListAllAsync(await Vault.OwnerAsync(), Cancellation)).Grants, one => one.Id == grant.Id); // Nor do they hide it from its user.
    }

    private static string LineOf(string output, Grant grant) => Assert.Single(output.Split('\n'), line => line.StartsWith(grant.Id.ToString("D"), StringComparison.Ordinal));

    private async Task<JsonElement> ReadAsync(params string[] arguments) => JsonDocument.Parse(await RunAsync([.. arguments, "--json"])).RootElement;

    private async Task<List<Guid>> ListedAsync(params string[] arguments)
    {
        var text = await RunAsync(["list", .. arguments]);
        var listed = (await ReadAsync(["list", .. arguments])).GetProperty("grants").EnumerateArray().Select(line => line.GetProperty("grant_id").GetGuid()).ToList();
        Assert.All(listed, id => Assert.Contains(id.ToString("D"), text, StringComparison.Ordinal));
        return listed;
    }

    private async Task<(int Exit, bool HasSentence)> RefusedAsync(params string[] arguments)
    {
        var (exit, output) = await Machine.RunAsync(["grants", .. arguments]);
        return (exit, output.Length > 0);
    }
}
