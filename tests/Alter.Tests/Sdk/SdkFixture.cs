using Alter.Sdk;
using Alter.Testing;

namespace Alter.Tests.Sdk;

/// <summary>A fake vault and an app of it.</summary>
public sealed class SdkFixture : IAsyncDisposable
{
    internal const string Url = "https://api.example.com/v1/events";

    // Shaped as a JWT; what it says is the vault's business.
    internal const string AdasToken = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl";

    private SdkFixture(FakeVault vault) => Vault = vault;

    internal FakeVault Vault { get; }

    internal PromptTime Time { get; } = new();

    internal static async Task<SdkFixture> StartAsync() => new(await FakeVault.StartAsync());

    /// <summary>An app whose user is Ada, changed in the one respect a test is about.</summary>
    internal AlterApp App(Action<AlterOptions>? change = null)
    {
        var options = new AlterOptions
        {
            ApiKey = FakeVault.ApiKey,
            BaseUrl = Vault.Url,
            UserToken = _ => ValueTask.FromResult<string?>(AdasToken),
            TimeProvider = Time,
        };
        change?.Invoke(options);
        return new AlterApp(options);
    }

    public ValueTask DisposeAsync() => Vault.DisposeAsync();
}

/// <summary>A clock whose waits of up to ten seconds pass at once, and are remembered.</summary>
internal sealed class PromptTime : TimeProvider
{
    private readonly List<TimeSpan> waits = [];

    internal IReadOnlyList<TimeSpan> Waits
    {
        get
        {
            lock (waits)
            {
                return [.. waits];
            }
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime <= TimeSpan.Zero || dueTime > TimeSpan.FromSeconds(10))
        {
            return base.CreateTimer(callback, state, dueTime, period);
        }

        lock (waits)
        {
            waits.Add(dueTime);
        }

        return base.CreateTimer(callback, state, TimeSpan.FromMilliseconds(1), period);
    }
}
