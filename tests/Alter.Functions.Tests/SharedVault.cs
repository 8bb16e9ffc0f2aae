using Alter.Functions.Tests;
using Alter.Functions.Tests.Running;

[assembly: AssemblyFixture(typeof(SharedVault))]

namespace Alter.Functions.Tests;

/// <summary>The one vault of this assembly, two workers behind it; tests meet in it by users of their own.</summary>
public sealed class SharedVault : IAsyncLifetime
{
    /// <summary>Started before the first test.</summary>
    public RunningVault Vault { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Vault = await RunningVault.StartAsync(new RunningSetup { Workers = 2 });

    public ValueTask DisposeAsync() => Vault?.DisposeAsync() ?? ValueTask.CompletedTask;
}
