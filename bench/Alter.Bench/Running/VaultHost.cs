using Alter.FunctionsHost;

namespace Alter.Bench.Running;

/// <summary>A further host of a vault under measurement.</summary>
/// <param name="Host">With one worker.</param>
/// <param name="Caller">Calls it.</param>
public sealed record VaultHost(LocalFunctionsHost Host, Caller Caller) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        Caller.Dispose();
        await Host.DisposeAsync();
    }
}
