using Alter.Grants;
using Alter.Keys;
using Alter.Storage;
using Alter.Testing;
using Alter.Tests.Grants.Rotation;
using Alter.Tests.Refresh;
using Azure.Data.Tables;

namespace Alter.Tests.Cli;

/// <summary><c>./alter keys status</c> over what a vault noted, with Key Vault's real client and without.</summary>
public sealed class KeyStatusTests(OwnAzurite azurite) : RewrapFixture(azurite)
{
    private readonly CommandLine machine = new();
    private FakeKeyVault keyVault = null!;

    protected override IKeySource Keys => new KeyVaultKeySource(keyVault.Client(), FakeKeyVault.Secret);

    public override async ValueTask InitializeAsync()
    {
        keyVault = await FakeKeyVault.StartAsync();
        keyVault.AddKey();
        await base.InitializeAsync();
        machine.Time = Time;
        machine.KeyVault = _ => keyVault.Client();
        machine.Environment["AlterStorage"] = Storage;
        machine.Environment["ALTER_KEK_VAULT_URI"] = "https://acme.vault.azure.net";
        machine.Has("alter.json", """{ "public_url": "https://vault.acme.com", "apps": {} }""");
    }

    public override async ValueTask DisposeAsync()
    {
        machine.Dispose();
        await base.DisposeAsync();
        await keyVault.DisposeAsync();
    }

    [Fact]
    public async Task A_rotation_is_followed_to_its_end()
    {
        var grants = await GrantsAsync(3);
        var old = grants[0].Secrets.KeyVersion;
        Says(await StatusAsync(), 2, "--  The vault has not looked at its grants yet");

        await NoteAsync();
        await WalkAsync();
        Says(await StatusAsync(), 0, $"ok  {old}  current           3");

        var newest = keyVault.AddKey();
        Says(await StatusAsync(), 2, $"{newest} is newer and not in use yet");
        Time.Advance(KeyRing.Lifetime);
        await WalkAsync();
        Says(await StatusAsync(), 2, $"--  {old}  enabled           3  not yet: no walk has come to its end since", $"ok  {newest}  current           0");

        Time.Advance(KeyRing.Lifetime);
        await WalkAsync();
        Says(await StatusAsync(), 2, $"--  {old}  enabled           0  not yet: 3 rows re-wrapped by the last walk", $"ok  {newest}  current           3");

        Settle();
        await WalkAsync();
        Says(await StatusAsync(), 0, $"ok  {old}  enabled           0  safe to disable, once the oldest backup that needs it is gone.", "Nothing is wrong.");
        keyVault.Disable(old);
        Says(await StatusAsync(), 0, $"ok  {old}  disabled          0  nothing needs it.");

        Time.Advance(TimeSpan.FromDays(3));
        Says(await StatusAsync(), 1, $"--  {old}  disabled          0  not yet: the last walk is too long ago to tell.", "!!  It is overdue: is the vault running?");
    }

    [Fact]
    public async Task A_version_disabled_too_early_is_a_problem_and_is_named()
    {
        var grant = await GrantAsync();
        var old = grant.Secrets.KeyVersion;
        var newest = keyVault.AddKey();
        keyVault.Disable(old);
        Time.Advance(KeyRing.Lifetime);
        await NoteAsync();
        await WalkAsync();

        Says(await StatusAsync(), 1, $"!!  {old}  disabled          1  1 row cannot be opened without it: enable it again, or their users have to connect again.", $"ok  {newest}  current           0");
    }

    [Fact]
    public async Task A_newest_version_that_is_disabled_is_a_problem()
    {
        var version = (await GrantAsync()).Secrets.KeyVersion;
        await NoteAsync();
        await WalkAsync();
        keyVault.Disable(version);

        Says(await StatusAsync(), 1, $"!!  {version} is the newest version, and disabled");
    }

    [Fact]
    public async Task Without_a_right_to_the_key_vault_the_counts_are_told_all_the_same_and_no_key_is_read()
    {
        var version = (await GrantAsync()).Secrets.KeyVersion;
        await NoteAsync();
        await WalkAsync();
        var before = keyVault.Reads.Count;

        Says(await StatusAsync(), 0, $"{version}  current           1");
        Assert.Equal("versions", Assert.Single(keyVault.Reads.Skip(before)));
        keyVault.IsForbidden = true;
        Says(await StatusAsync(), 0, "--  Key Vault secret alter-kek at acme.vault.azure.net: you have no right to list its versions", $"{version}  current           1");
        machine.Environment.Remove("ALTER_KEK_VAULT_URI");
        Says(await StatusAsync(), 0, "set ALTER_KEK_VAULT_URI to look its versions up from here", $"{version}  current           1");
        machine.Has("alter.json", "{");
        Says(await StatusAsync(), 0, "so the versions are not looked up", $"{version}  current           1");
    }

    [Fact]
    public async Task A_forged_row_is_told_of_and_holds_no_version_up()
    {
        var forged = await GrantAsync();
        var old = forged.Secrets.KeyVersion;
        await EditAsync(forged, row => row["scopes"] = """["admin"]""");
        await Rows.AddEntityAsync(new TableEntity("!", "junk") { ["kek"] = "'; drop" }, Cancellation);
        keyVault.AddKey();
        Time.Advance(KeyRing.Lifetime);
        await NoteAsync();
        Settle();
        await WalkAsync();

        Says(
            await StatusAsync(),
            1,
            $"ok  {old}  enabled           1  safe to disable, once the oldest backup that needs it is gone. 1 row under it: not as the vault wrote it",
            "!!  1 row under what is no version");
    }

    [Fact]
    public async Task A_key_in_a_local_file_is_listed_and_never_made()
    {
        machine.Has("alter.json", """{ "apps": {} }""").Environment.Remove("ALTER_KEK_VAULT_URI");
        Says(await StatusAsync(), 2, "--  local, made at the first start");
        Assert.False(Directory.Exists(machine.PathOf(".alter")));

        Directory.CreateDirectory(machine.PathOf(".alter"));
        machine.Has(".alter/kek", new string('a', 64));
        Says(await StatusAsync(), 2, $"ok  local, {machine.PathOf(".alter/kek")}");
    }

    [Theory]
    [InlineData(null, "!!  There is no setting AlterStorage")]
    [InlineData("hunter2", "!!  The setting AlterStorage is no connection string of a storage account.")]
    [InlineData("DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=aHVudGVyMg==;TableEndpoint=http://127.0.0.1:9/devstoreaccount1;", "!!  Storage does not answer.")]
    public async Task A_storage_that_cannot_be_used_is_a_problem(string? storage, string expected)
    {
        machine.Environment.Remove("AlterStorage");
        if (storage is not null)
        {
            machine.Environment["AlterStorage"] = storage;
        }

        var status = await StatusAsync();

        Says(status, 1, expected);
        Assert.DoesNotContain("hunter2", status.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_table_is_made()
    {
        await using var empty = await Azurite.StartAsync();
        machine.Environment["AlterStorage"] = empty.ConnectionString;

        Says(await StatusAsync(), 2, "--  The vault has not looked at its grants yet");

        await foreach (var table in new TableServiceClient(empty.ConnectionString).QueryAsync(cancellationToken: Cancellation))
        {
            Assert.Fail($"Table {table.Name} was made.");
        }
    }

    [Fact]
    public void With_an_identity_the_tables_are_opened_as_the_operator()
    {
        machine.Environment.Remove("AlterStorage");
        machine.Environment["AlterStorage__tableServiceUri"] = "https://acme.table.core.windows.net";
        machine.Environment["AlterStorage__queueServiceUri"] = "https://acme.queue.core.windows.net";

        var tools = new Alter.Cli.OperatorTools(Time) { Folder = machine.PathOf("."), Variables = machine.Environment };

        Assert.Equal("acme", Alter.Cli.OperatorStorage.Open(tools, Alter.Cli.OperatorSettings.Read(tools)).Storage?.Tables.Jobs.AccountName);
    }

    private Task<(int Exit, string Output)> StatusAsync() => machine.RunAsync(["keys", "status"]);

    private static void Says((int Exit, string Output) status, int exit, params string[] texts)
    {
        Assert.All(texts, text => Assert.Contains(text, status.Output, StringComparison.Ordinal));
        Assert.True(exit == status.Exit, status.Output);
    }
}
