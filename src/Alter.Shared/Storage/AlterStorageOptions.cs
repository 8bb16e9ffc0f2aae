using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Microsoft.Extensions.Configuration;

namespace Alter.Storage;

/// <summary>
/// Where the vault's tables and queues are: setting <c>AlterStorage</c>, either a connection string (local) or
/// <c>AlterStorage__tableServiceUri</c> and <c>…__queueServiceUri</c> with a managed identity (Azure).
/// </summary>
public sealed record AlterStorageOptions(string? ConnectionString, Uri? Tables, Uri? Queues, TokenCredential? Credential)
{
    /// <summary>The name of the connection, as the Functions host spells it.</summary>
    public const string Connection = "AlterStorage";

    /// <summary>What carries the requests to tables and queues; null: the clients' own. Tests put a bad network here.</summary>
    public HttpPipelineTransport? Transport { get; init; }

    /// <summary>How long one attempt of a request may take; null: two seconds for tables, five for queues. Tests, whose machine is busy, give more.</summary>
    public TimeSpan? NetworkTimeout { get; init; }

    /// <summary>Reads the setting; null where there is none.</summary>
    public static AlterStorageOptions? From(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection(Connection);
        if (section.Value is { Length: > 0 } connectionString)
        {
            return new AlterStorageOptions(connectionString, null, null, null);
        }

        return Uri.TryCreate(section["tableServiceUri"], UriKind.Absolute, out var tables)
            && Uri.TryCreate(section["queueServiceUri"], UriKind.Absolute, out var queues)
                ? new AlterStorageOptions(null, tables, queues, CredentialFrom(section["clientId"]))
                : null;
    }

    /// <summary>The managed identity of the app: user-assigned where its client id is configured.</summary>
    public static TokenCredential CredentialFrom(string? clientId) =>
        new ManagedIdentityCredential(clientId is { Length: > 0 } ? ManagedIdentityId.FromUserAssignedClientId(clientId) : ManagedIdentityId.SystemAssigned);
}
