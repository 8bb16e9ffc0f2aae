using Alter.Apps;
using Alter.Grants;
using Alter.Storage;
using Azure;
using Azure.Identity;

namespace Alter.Cli.Grants;

/// <summary>The vault's storage with the operator's own rights. Tables are only read, and no key-encryption key is ever asked for.</summary>
/// <param name="Inventory">The grants.</param>
/// <param name="Queues">Where a refresh is asked for.</param>
/// <param name="Document">Null where it cannot be used: then nothing is called orphaned.</param>
internal sealed record OperatorStorage(GrantInventory Inventory, AlterQueues Queues, VaultConfiguration? Document)
{
    private const int Failed = 1;

    /// <summary>The rows that carry a grant's id, the likeliest first.</summary>
    public Task<IReadOnlyList<StoredGrant>> FindAsync(Guid id, CancellationToken cancellationToken) => Inventory.FindAsync(Document?.Apps.Keys ?? [], id, cancellationToken);

    /// <summary>Runs a command over the storage the settings name; what storage refuses is said in a sentence.</summary>
    public static async Task<int> WithAsync(
        OperatorTools tools, string? config, TextWriter error, Func<OperatorStorage, CancellationToken, Task<int>> run, CancellationToken cancellationToken)
    {
        var settings = OperatorSettings.Read(tools);
        if (settings.Fault is { } fault)
        {
            error.WriteLine(fault);
        }

        if (Options(tools, settings) is not { } options)
        {
            error.WriteLine($"There is no setting {AlterStorageOptions.Connection}: a connection string, or {AlterStorageOptions.Connection}__tableServiceUri and {AlterStorageOptions.Connection}__queueServiceUri as the vault has them.");
            return Failed;
        }

        if (Open(options) is not { } storage)
        {
            error.WriteLine($"The setting {AlterStorageOptions.Connection} is no connection string of a storage account.");
            return Failed;
        }

        var document = OperatorDocument.Read(tools, settings, config, null);
        if (document.Source.Current is null)
        {
            error.WriteLine($"{document.Path} cannot be used (./alter check says why), so nothing is called orphaned.");
        }

        try
        {
            return await run(storage with { Document = document.Source.Current }, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            error.WriteLine("Stopped.");
        }
        catch (Exception e) when (e is RequestFailedException or AuthenticationFailedException or AggregateException or OperationCanceledException)
        {
            error.WriteLine(Sentence(e));
        }

        return Failed;
    }

    private static AlterStorageOptions? Options(OperatorTools tools, OperatorSettings settings) =>
        AlterStorageOptions.From(settings.All) is not { } options ? null
            : options.ConnectionString is not null ? options
            : options with { Credential = tools.Credential() }; // The vault's managed identity exists in Azure alone.

    private static OperatorStorage? Open(AlterStorageOptions options)
    {
        try
        {
            return new(new GrantInventory(new AlterTables(options)), new AlterQueues(options), null);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException)
        {
            return null; // Its message may quote the text, and a key stands there.
        }
    }

    // After its own retries the client throws all their causes together.
    private static string Sentence(Exception e) => e switch
    {
        AggregateException { InnerExceptions: [.., var last] } => Sentence(last),
        AuthenticationFailedException => "Sign in first, with az login or azd auth login.",
        RequestFailedException { Status: 401 or 403 } refused =>
            $"Storage refused it ({refused.ErrorCode ?? "403"}). It takes Storage Table Data Reader, and Storage Queue Data Message Sender for retry, on the vault's storage account; "
            + "a new role acts after up to 10 minutes. A firewall of the account answers the same.",
        RequestFailedException { Status: > 0 } answered => $"Storage answered {answered.Status} ({answered.ErrorCode ?? "no code"}).",
        _ => "Storage does not answer.",
    };
}
