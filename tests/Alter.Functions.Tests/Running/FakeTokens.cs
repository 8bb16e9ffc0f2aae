using Alter.Testing;

namespace Alter.Functions.Tests.Running;

/// <summary>A user of <c>crm</c> whose access token has gone stale, and what the provider makes of the refresh.</summary>
public sealed class FakeTokens : IAsyncDisposable
{
    // The provider's behaviour is one for all its users, so one user at a time has it.
    private static readonly SemaphoreSlim Turn = new(1);

    private readonly FakeProvider provider;
    private readonly int before;
    private Task held = Task.CompletedTask;

    private FakeTokens(FakeProvider provider, Backend backend)
    {
        (this.provider, Backend, before) = (provider, backend, Count(provider));
        provider.BeforeAnswer = request => request.RefreshToken is null ? Task.CompletedTask : held;
    }

    public Backend Backend { get; }

    /// <summary>Refresh requests that arrived since.</summary>
    public int Refreshes => Count(provider) - before;

    /// <summary>Connects a user with a token of one second; from then on tokens live for an hour.</summary>
    public static async Task<FakeTokens> StaleAsync(RunningVault vault)
    {
        ArgumentNullException.ThrowIfNull(vault);
        await Turn.WaitAsync(TestContext.Current.CancellationToken);
        // The timer's look at the full minute would refresh it before the test does.
        await Eventually.TrueAsync(() => TimeProvider.System.GetUtcNow().Second is >= 2 and < 50, "the minute is young");
        var backend = vault.Shop();
        vault.Crm.ExpiresIn = 1;
        await backend.ConnectAsync("crm");
        vault.Crm.ExpiresIn = 3600;
        var connectedAt = TimeProvider.System.GetTimestamp();
        var tokens = new FakeTokens(vault.Crm, backend);
        await Eventually.TrueAsync(() => TimeProvider.System.GetElapsedTime(connectedAt) > TimeSpan.FromSeconds(1), "a second has passed");
        return tokens;
    }

    /// <summary>The provider redeems, and answers once this is done.</summary>
    public void HoldRefresh(Task until) => held = until;

    /// <summary>The provider answers this instead.</summary>
    public void AnswerRefresh(FakeAnswer answer) =>
        provider.Token = request => Task.FromResult(request.RefreshToken is null ? null : answer);

    public ValueTask DisposeAsync()
    {
        provider.BeforeAnswer = _ => Task.CompletedTask;
        provider.Token = _ => Task.FromResult<FakeAnswer?>(null);
        Turn.Release();
        return ValueTask.CompletedTask;
    }

    private static int Count(FakeProvider provider) => provider.Requests.Count(request => request.RefreshToken is not null);
}
