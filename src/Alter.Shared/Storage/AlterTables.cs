using System.Collections.Concurrent;
using Alter.Storage.Wire;
using Azure;
using Azure.Core;
using Azure.Data.Tables;

namespace Alter.Storage;

/// <summary>The vault's tables. Made on first use, so that a start needs no network.</summary>
public sealed class AlterTables
{
    private const string AuditPrefix = "audit";
    private const string ActivityPrefix = "activity";
    private const string MissingTable = "TableNotFound";

    private readonly Once<bool> creation;
    private readonly TableServiceClient service;
    private readonly TableRequests requests;

    // A client takes its endpoint apart when it is made: a month's is made once.
    private readonly ConcurrentDictionary<string, TableClient> ofMonths = new(StringComparer.Ordinal);

    public AlterTables(AlterStorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var clientOptions = new TableClientOptions();
        // The defaults would hang a hot call for minutes.
        clientOptions.Retry.NetworkTimeout = options.NetworkTimeout ?? TimeSpan.FromSeconds(2);
        clientOptions.Retry.MaxRetries = 2;
        clientOptions.Retry.Mode = RetryMode.Exponential;
        clientOptions.Retry.Delay = TimeSpan.FromMilliseconds(50);
        // Row keys and filters lie in the URL; they are hashes, yet no log needs them.
        clientOptions.Diagnostics.IsLoggingEnabled = false;
        clientOptions.Diagnostics.IsDistributedTracingEnabled = false;
        clientOptions.Transport = options.Transport ?? clientOptions.Transport;
        service = options.ConnectionString is not null
            ? new TableServiceClient(options.ConnectionString, clientOptions)
            : new TableServiceClient(options.Tables!, options.Credential!, clientOptions);
        requests = new TableRequests(service.Uri, clientOptions, TableAccess.Of(options, service.AccountName));
        Grants = service.GetTableClient("grants");
        Connect = service.GetTableClient("connect");
        Due = service.GetTableClient("due");
        Accounts = service.GetTableClient("accounts");
        Jobs = service.GetTableClient("jobs");
        Outcomes = service.GetTableClient("outcomes");
        Limits = service.GetTableClient("limits");
        Revocations = service.GetTableClient("revocations");
        Seals = service.GetTableClient("seals");
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

    /// <summary>Which grants and users were ended: kept apart from what a restore puts back.</summary>
    public TableClient Revocations { get; }

    /// <summary>Seals over the record. Made with its first row (<see cref="InTableAsync"/>).</summary>
    public TableClient Seals { get; }

    /// <summary>The record of one month (<see cref="RowKeys.Month"/>). Made with its first row.</summary>
    public TableClient AuditOf(string month) => ofMonths.GetOrAdd(AuditPrefix + month, service.GetTableClient);

    /// <summary>The record of one month in the order people look for it. Made with its first row.</summary>
    public TableClient ActivityOf(string month) => ofMonths.GetOrAdd(ActivityPrefix + month, service.GetTableClient);

    /// <summary>The months whose record is there, the oldest first.</summary>
    /// <remarks>One storage operation.</remarks>
    public async Task<IReadOnlyList<string>> ListAuditMonthsAsync(CancellationToken cancellationToken)
    {
        var months = new List<string>();
        // ':' follows the digits.
        await foreach (var table in service.QueryAsync(TableServiceClient.CreateQueryFilter($"TableName ge {AuditPrefix + "0"} and TableName lt {AuditPrefix + ":"}"), cancellationToken: cancellationToken))
        {
            if (table.Name.Length == AuditPrefix.Length + 6 && table.Name.AsSpan(AuditPrefix.Length).IndexOfAnyExceptInRange('0', '9') < 0)
            {
                months.Add(table.Name[AuditPrefix.Length..]);
            }
        }

        months.Sort(StringComparer.Ordinal);
        return months;
    }

    /// <summary>Writes to a table that is made by its first row: a start, and a warm path, ask for nothing.</summary>
    public static async Task<T> InTableAsync<T>(TableClient table, Func<Task<T>> write)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(write);
        try
        {
            return await write();
        }
        catch (RequestFailedException e) when (e.ErrorCode == MissingTable)
        {
            await table.CreateIfNotExistsAsync(CancellationToken.None);
            return await write();
        }
    }

    /// <summary>The rows of a filter, in key order: what every call waits for. Whoever writes behind it finds the table.</summary>
    /// <remarks>One storage operation up to 1,000 rows; a process's first call does not wait for tables that are there.</remarks>
    internal async ValueTask<IReadOnlyList<TableRow>> ReadAsync(TableClient table, string filter, CancellationToken cancellationToken)
    {
        try
        {
            return await requests.QueryAsync(table.Name, filter, cancellationToken);
        }
        catch (RequestFailedException e) when (e.ErrorCode == MissingTable)
        {
            await EnsureAsync(cancellationToken);
            return await requests.QueryAsync(table.Name, filter, cancellationToken);
        }
    }

    /// <summary>The rows of one partition whose key begins with a word and '|'; else as <see cref="ReadAsync(TableClient, string, CancellationToken)"/>.</summary>
    internal async ValueTask<IReadOnlyList<TableRow>> ReadWordAsync(TableClient table, string partition, string word, CancellationToken cancellationToken)
    {
        try
        {
            return await requests.QueryWordAsync(table.Name, partition, word, cancellationToken);
        }
        catch (RequestFailedException e) when (e.ErrorCode == MissingTable)
        {
            await EnsureAsync(cancellationToken);
            return await requests.QueryWordAsync(table.Name, partition, word, cancellationToken);
        }
    }

    /// <summary>Writes rows of one partition, all or none, to a table that is made by its first row: what every call leaves behind.</summary>
    /// <remarks>One storage operation.</remarks>
    internal Task WriteAsync(TableClient table, IReadOnlyList<RowWrite> rows) => InTableAsync(table, async () =>
    {
        await requests.WriteAsync(table.Name, rows, CancellationToken.None);
        return true;
    });

    /// <summary>Makes the tables, once per process; eight parallel operations, none later.</summary>
    public Task EnsureAsync(CancellationToken cancellationToken) => creation.GetAsync(cancellationToken);

    /// <summary>One real operation: throws where tables do not answer.</summary>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        await EnsureAsync(cancellationToken);
        await Jobs.GetEntityIfExistsAsync<TableEntity>("ping", "ping", cancellationToken: cancellationToken);
    }

    private async Task<bool> CreateAsync()
    {
        await Task.WhenAll(new[] { Grants, Connect, Due, Accounts, Jobs, Outcomes, Limits, Revocations }.Select(table => table.CreateIfNotExistsAsync(CancellationToken.None)));
        return true;
    }
}
