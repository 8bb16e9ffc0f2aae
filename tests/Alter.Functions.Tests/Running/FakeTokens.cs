using Alter.Testing;

namespace Alter.Functions.Tests.Running;

/// <summary>A user of <c>crm</c> whose access token has gone stale, and what the provider makes of the refresh.</summary>
public sealed class FakeTokens : IAsyncDisposable
{
    // The provider's behaviour is one for all its users, so one user at a time changes it, and for their own account alone.
    private static readonly SemaphoreSlim Turn = new(1);

    private readonly FakeProvider provider;
    private readonly string account = $"{Testing.A.Unique()}@crm.example";
    private Task held = Task.CompletedTask;

    private FakeTokens(FakeProvider provider, Backend backend)
    {
        (this.provider, Backend) = (provider, backend);
        provider.BeforeAnswer = request => IsOurs(request) ? held : Task.CompletedTask;
    }

    public Backend Backend { get; }

    /// <summary>Refresh requests for the user that have arrived.</summary>
    public int Refreshes => provider.Requests.Count(IsOurs);

    /// <summary>Connects a user with a token of one second; from then on their tokens live for an hour.</summary>
    public static async Task<FakeTokens> StaleAsync(RunningVault vault)
    {
        ArgumentNullException.ThrowIfNull(vault);
        await Turn.WaitAsync(TestContext.Current.CancellationToken);
        // The timer's look at the full minute would refresh it before the test does, and that look may come late.
        await Eventually.TrueAsync(() => TimeProvider.System.GetUtcNow().Second is >= 6 and < 45, "the minute is young");
        var tokens = new FakeTokens(vault.Crm, vault.Shop());
        vault.Crm.ExpiresInOf = account => account == tokens.account ? 1 : null;
        await tokens.Backend.ConnectAsync("crm", tokens.account);
        vault.Crm.ExpiresInOf = _ => null;
        var connectedAt = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(() => TimeProvider.System.GetElapsedTime(connectedAt) > TimeSpan.FromSeconds(1), "a second has passed");
        return tokens;
    }

    /// <summary>The provider redeems, and answers once this is done.</summary>
    public void HoldRefresh(Task until) => held = until;

    /// <summary>The provider answers this instead.</summary>
    public void AnswerRefresh(FakeAnswer answer) =>
        provider.Token = request => Task.FromResult(IsOurs(request) ? answer : null);

    public ValueTask DisposeAsync()
    {
        provider.BeforeAnswer = _ => Task.CompletedTask;
        provider.Token = _ => Task.FromResult<FakeAnswer?>(null);
        Turn.Release();
        return ValueTask.CompletedTask;
    }

    private bool IsOurs(FakeTokenRequest request) => provider.AccountOf(request) == account;
}
