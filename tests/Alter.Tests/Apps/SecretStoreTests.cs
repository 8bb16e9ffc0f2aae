using Alter.Apps;
using Alter.Testing;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Apps;

public sealed class SecretStoreTests : IDisposable
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider time = new();
    private readonly FakeKeyVault vault = new();

    public void Dispose() => vault.Dispose();

    [Fact]
    public async Task A_setting_comes_first()
    {
        Assert.Equal("from the setting", await SecretAsync(Store(("ALTER_SECRET_SHOP_GOOGLE", "from the setting"))));
        Assert.Equal(0, vault.Reads);
    }

    [Fact]
    public async Task Twenty_callers_share_one_read_of_the_vault()
    {
        var store = Store();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SecretAsync(store)));

        Assert.Equal(1, vault.Reads);
    }

    [Fact]
    public async Task A_replaced_secret_is_used_for_five_minutes_at_most()
    {
        var store = Store();
        Assert.Equal("v1", await SecretAsync(store));
        vault.Value = "v2";

        time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        Assert.Equal("v1", await SecretAsync(store));
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("v2", await SecretAsync(store));
    }

    [Fact]
    public async Task A_fresh_read_sees_the_new_secret_but_not_at_every_call()
    {
        var store = Store();
        Assert.Equal("v1", await SecretAsync(store));
        vault.Value = "v2";

        Assert.True((await store.GetFreshAsync("shop-google", Cancellation)).Succeeded(out var secret, out _));
        Assert.Equal("v1", secret); // Read a moment ago.
        time.Advance(SecretStore.Pause);
        Assert.True((await store.GetFreshAsync("shop-google", Cancellation)).Succeeded(out secret, out _));
        Assert.Equal("v2", secret);
    }

    [Fact]
    public async Task A_failure_is_kept_for_a_moment_and_then_tried_again()
    {
        var store = Store();
        vault.Status = 404;

        var refusal = await RefusedAsync(store);
        await RefusedAsync(store);

        Assert.Equal("shop-google", refusal.Name);
        Assert.Contains("404", refusal.Detail, StringComparison.Ordinal);
        Assert.Equal(1, vault.Reads);
        vault.Status = 200;
        time.Advance(SecretStore.Pause);
        Assert.Equal("v1", await SecretAsync(store));
    }

    [Theory]
    [InlineData(403, 1)]
    [InlineData(503, 1)]
    [InlineData(404, 0)]
    public async Task What_Key_Vault_does_not_give_is_counted_a_secret_that_is_not_there_is_not(int status, int counted)
    {
        using var measured = new Measurements("alter.key.failures");
        vault.Status = status;

        await RefusedAsync(Store());

        Assert.Equal(Enumerable.Repeat(new Measured("alter.key.failures", 1, "vault=secrets"), counted), measured.All);
    }

    [Theory]
    [InlineData("hunter2\n")]
    [InlineData("@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/hunter2)")]
    public async Task What_cannot_be_a_client_secret_is_refused_and_not_repeated(string value)
    {
        var refusal = await RefusedAsync(Store(("ALTER_SECRET_SHOP_GOOGLE", value)));

        Assert.DoesNotContain("hunter2", refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_vault_the_setting_is_named()
    {
        var refusal = await RefusedAsync(new SecretStore(new ConfigurationBuilder().Build(), null, time));

        Assert.Contains("ALTER_SECRET_SHOP_GOOGLE", refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_who_hangs_up_does_not_end_the_read_of_the_others()
    {
        var store = Store();
        vault.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var hangUp = new CancellationTokenSource();
        var first = store.GetAsync("shop-google", hangUp.Token);
        var second = SecretAsync(store);

        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        vault.Gate.SetResult();

        Assert.Equal("v1", await second);
        Assert.Equal(1, vault.Reads);
    }

    private static async Task<string> SecretAsync(SecretStore store)
    {
        Assert.True((await store.GetAsync("shop-google", Cancellation)).Succeeded(out var secret, out _));
        return secret;
    }

    private static async Task<SecretUnavailable> RefusedAsync(SecretStore store)
    {
        Assert.False((await store.GetAsync("shop-google", Cancellation)).Succeeded(out _, out var refusal));
        return Assert.IsType<SecretUnavailable>(refusal);
    }

    private SecretStore Store(params (string Name, string Value)[] settings) => new(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build(),
        new SecretClient(new Uri("https://fake.vault.azure.net"), new FakeCredential(), new SecretClientOptions { Transport = new HttpClientTransport(vault), Retry = { MaxRetries = 0 } }),
        time);
}
