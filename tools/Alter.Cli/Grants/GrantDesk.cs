using Alter.Apps;
using Alter.Grants;
using Alter.Storage;

namespace Alter.Cli.Grants;

/// <summary>The vault's storage with the operator's own rights. Tables are only read, and no key-encryption key is ever asked for.</summary>
/// <param name="Inventory">The grants.</param>
/// <param name="Queues">Where a refresh is asked for.</param>
/// <param name="Document">Null where it cannot be used: then nothing is called orphaned.</param>
internal sealed record GrantDesk(GrantInventory Inventory, AlterQueues Queues, VaultConfiguration? Document)
{
    private const int Failed = 1;

    /// <summary>The rows that carry a grant's id, the likeliest first.</summary>
    public Task<IReadOnlyList<StoredGrant>> FindAsync(Guid id, CancellationToken cancellationToken) => Inventory.FindAsync(Document?.Apps.Keys ?? [], id, cancellationToken);

    /// <summary>Runs a command over the storage the settings name; what storage refuses is said in a sentence.</summary>
    public static async Task<int> WithAsync(
        OperatorTools tools, string? config, TextWriter error, Func<GrantDesk, CancellationToken, Task<int>> run, CancellationToken cancellationToken)
    {
        var settings = OperatorSettings.Read(tools);
        if (settings.Fault is { } fault)
        {
            error.WriteLine(fault);
        }

        var (storage, unusable) = OperatorStorage.Open(tools, settings);
        if (storage is null)
        {
            error.WriteLine(unusable);
            return Failed;
        }

        var document = OperatorDocument.Read(tools, settings, config, null);
        if (document.Source.Current is null)
        {
            error.WriteLine($"{document.Path} cannot be used (./alter check says why), so nothing is called orphaned.");
        }

        try
        {
            return await run(new GrantDesk(new GrantInventory(storage.Tables), storage.Queues, document.Source.Current), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            error.WriteLine("Stopped.");
        }
        catch (Exception e) when (OperatorStorage.FaultOf(e) is { } why)
        {
            error.WriteLine(why);
        }

        return Failed;
    }
}
