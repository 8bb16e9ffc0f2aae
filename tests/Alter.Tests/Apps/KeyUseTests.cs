using Alter.Apps;
using Alter.Storage;
using Alter.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Apps;

public sealed class KeyUseTests(SharedAzurite azurite)
{
    [Fact]
    public async Task Every_use_is_counted_and_one_in_five_minutes_is_stored()
    {
        using var measured = new Measurements("alter.key.uses");
        using var network = new FakeNetwork();
        var tables = new AlterTables(A.Storage(azurite.ConnectionString, network));
        await tables.EnsureAsync(TestContext.Current.CancellationToken); // Looking makes no table.
        var store = new KeyUseStore(tables);
        var uses = new KeyUse(store, new FakeTimeProvider(), NullLogger<KeyUse>.Instance);
        var app = A.App(A.AppId());
        for (var count = 0; count < 3; count++)
        {
            uses.Note(app, new AppKey("main", [], AppKeyScopes.Default));
        }

        Assert.Equal(Enumerable.Repeat(new Measured("alter.key.uses", 1, $"app={app.Id} key_id=main"), 3), measured.All);
        await Eventually.TrueAsync(async () => (await store.ListAsync(app.Id, TestContext.Current.CancellationToken)).ContainsKey("main"), "the use was stored");
    }
}
