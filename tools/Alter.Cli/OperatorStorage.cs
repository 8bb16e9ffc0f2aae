using Alter.Storage;
using Azure;
using Azure.Data.Tables;
using Azure.Identity;

namespace Alter.Cli;

/// <summary>The vault's own tables and queues: locally by connection string, those of a deployment as the operator who signed in.</summary>
/// <param name="Tables">Opened; nothing is made.</param>
/// <param name="Queues">Opened; nothing is made.</param>
internal sealed record OperatorStorage(AlterTables Tables, AlterQueues Queues)
{
    /// <summary>Opens them; null where the setting is missing.</summary>
    public static OperatorStorage? Open(OperatorTools tools, OperatorSettings settings)
    {
        if (AlterStorageOptions.From(settings.All) is not { } options)
        {
            return null;
        }

        // The managed identity exists in Azure alone.
        options = options.Credential is null ? options : options with { Credential = tools.Credential };
        return new(new AlterTables(options), new AlterQueues(options));
    }

    /// <summary>Why it is not a vault's storage, or cannot be used from here; null where it can.</summary>
    public async Task<string?> FindFaultAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Looked at before anything that would make tables or a salt of its own: in the wrong account nothing is to appear.
            return (await Tables.Jobs.GetEntityIfExistsAsync<TableEntity>("deployment", "salt", ["RowKey"], cancellationToken)).HasValue
                ? null
                : $"No vault has ever stored anything there. Does setting {AlterStorageOptions.Connection} name the vault's storage?";
        }
        catch (RequestFailedException e) when (e.Status is 401 or 403)
        {
            return "You have no right to use the storage: you need Storage Table Data Contributor and Storage Queue Data Message Sender on it. Role assignments can take 10 minutes.";
        }
        catch (AuthenticationFailedException)
        {
            return "Nobody is signed in: az login, or azd auth login.";
        }
        catch (Exception e) when (StorageFault.Is(e) && !cancellationToken.IsCancellationRequested)
        {
            return "The storage does not answer from here.";
        }
    }
}
