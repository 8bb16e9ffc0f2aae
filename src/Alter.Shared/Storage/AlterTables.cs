using Azure.Core;
using Azure.Data.Tables;

namespace Alter.Storage;

/// <summary>The vault's tables. Made on first use, so that a start needs no network.</summary>
public sealed class AlterTables
{
    private readonly Once<bool> creation;

    public AlterTables(AlterStorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var clientOptions = new TableClientOptions();
        // The defaults would hang a hot call for minutes.
        clientOptions.Retry.NetworkTimeout = TimeSpan.FromSeconds(2);
        clientOptions.Retry.MaxRetries = 2;
        clientOptions.Retry.Mode = RetryMode.Exponential;
        clientOptions.Retry.Delay = TimeSpan.FromMilliseconds(50);
        // Row keys and filters lie in the URL; they are hashes, yet no log needs them.
        clientOptions.Diagnostics.IsLoggingEnabled = false;
        clientOptions.Diagnostics.IsDistributedTracingEnabled = false;
        clientOptions.Transport = options.Transport ?? clientOptions.Transport;
        var service = options.ConnectionString is not null
            ? new TableServiceClient(options.ConnectionString, clientOptions)
            : new TableServiceClient(options.Tables!, options.Credential!, clientOptions);
        Grants = service.GetTableClient("grants");
        Connect = service.GetTableClient("connect");
        Due = service.GetTableClient("due");
        Accounts = service.GetTableClient("accounts");
        Jobs = service.GetTableClient("jobs");
        Outcomes = service.GetTableClient("outcomes");
        Limits = service.GetTableClient("limits");
        creation = new Once<bool>(CreateAsync);
    }

    /// <summary>Grants, their markers and tombstones: one partition a user.</summary>
    public TableClient Grants { get; }

    /// <summary>Connect sessions and authorization flows: a partition by hour of expiry.</summary>
    public TableClient Connect { get; }

    /// <summary>What has to be looked at, by time.</summary>
    public TableClient Due { get; }

    /// <summary>Which grants hold one account of one OAuth client.</summary>
    public TableClient Accounts { get; }

    /// <summary>The deployment's salt and the marks of periodic work.</summary>
    public TableClient Jobs { get; }

    /// <summary>How providers' refreshes came out lately: a partition by hour.</summary>
    public TableClient Outcomes { get; }

    /// <summary>How many calls of a window a rate limit has given out: a partition by hour of the window's end.</summary>
    public TableClient Limits { get; }

    /// <summary>Makes the tables, once per process; seven parallel operations, none later.</summary>
    public Task EnsureAsync(CancellationToken cancellationToken) => creation.GetAsync(cancellationToken);

    /// <summary>One real operation: throws where tables do not answer.</summary>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        await EnsureAsync(cancellationToken);
        await Jobs.GetEntityIfExistsAsync<TableEntity>("ping", "ping", cancellationToken: cancellationToken);
    }

    private async Task<bool> CreateAsync()
    {
        await Task.WhenAll(new[] { Grants, Connect, Due, Accounts, Jobs, Outcomes, Limits }.Select(table => table.CreateIfNotExistsAsync(CancellationToken.None)));
        return true;
    }
}
