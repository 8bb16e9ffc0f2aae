using Alter.Testing;
using Alter.Tests;

[assembly: AssemblyFixture(typeof(SharedAzurite))]

namespace Alter.Tests;

/// <summary>The one Azurite of this assembly; classes meet in it by app ids of their own.</summary>
public sealed class SharedAzurite : IAsyncLifetime
{
    private readonly Azurite azurite = new();

    public string ConnectionString => azurite.ConnectionString;

    public Azure.Data.Tables.TableClient Table(string name) => azurite.Table(name);

    public async ValueTask InitializeAsync() => await azurite.RunAsync();

    public ValueTask DisposeAsync() => azurite.DisposeAsync();
}
