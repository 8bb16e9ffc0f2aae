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
    /// <summary>Opens what setting <c>AlterStorage</c> names.</summary>
    /// <returns>The storage, or null and why not.</returns>
    public static (OperatorStorage? Storage, string Fault) Open(OperatorTools tools, OperatorSettings settings)
    {
        if (AlterStorageOptions.From(settings.All) is not { } options)
        {
            return (null, $"There is no setting {AlterStorageOptions.Connection}: a connection string, or {AlterStorageOptions.Connection}__tableServiceUri and {AlterStorageOptions.Connection}__queueServiceUri as the vault has them.");
        }

        // The vault's managed identity exists in Azure alone.
        options = options.Credential is null ? options : options with { Credential = tools.Credential() };
        try
        {
            return (new OperatorStorage(new AlterTables(options), new AlterQueues(options)), "");
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException)
        {
            // Its message may quote the text, and a key stands there.
            return (null, $"The setting {AlterStorageOptions.Connection} is no connection string of a storage account.");
        }
    }

    /// <summary>Why storage cannot be used, in a sentence; null where an exception is of another kind.</summary>
    public static string? FaultOf(Exception exception) => exception switch
    {
        // After its own retries the client throws all their causes together.
        AggregateException { InnerExceptions: [.., var last] } => FaultOf(last),
        AuthenticationFailedException => "Sign in first, with az login or azd auth login.",
        RequestFailedException { Status: 401 or 403 } refused =>
            $"Storage refused it ({refused.ErrorCode ?? "403"}). It takes Storage Table Data Reader (Contributor to erase or restore), and Storage Queue Data Message Sender to retry or erase, on the "
            + "vault's storage account; a new role acts after up to 10 minutes. A firewall of the account answers the same.",
        RequestFailedException { Status: > 0 } answered => $"Storage answered {answered.Status} ({answered.ErrorCode ?? "no code"}).",
        RequestFailedException or OperationCanceledException => "Storage does not answer.",
        _ => null,
    };

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
        catch (Exception e) when (FaultOf(e) is { } fault && !cancellationToken.IsCancellationRequested)
        {
            return fault;
        }
    }
}
