using Alter.Testing;

namespace Alter.Tests;

/// <summary>A storage account for one class alone: for what looks at everything there is.</summary>
public class OwnAzurite : IAsyncLifetime
{
    private readonly Azurite azurite = new();

    public string ConnectionString => azurite.ConnectionString;

    public Azure.Data.Tables.TableClient Table(string name) => azurite.Table(name);

    public async ValueTask InitializeAsync() => await azurite.RunAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return azurite.DisposeAsync();
    }
}
