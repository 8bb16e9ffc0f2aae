using System.Collections.Concurrent;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;

namespace Alter.Storage.Wire;

/// <summary>
/// The two requests of every proxied call, made without the table client: reading the rows of a filter, and writing rows of one partition all or nothing. On the wire they are the
/// client's own (a test compares the bytes); what it spends on the way, several times the rest of a call, is left away.
/// </summary>
/// <remarks>docs/decisions/own-table-requests.md says why. Faults are the client's too: <see cref="StorageFault"/>, with the service's error code.</remarks>
internal sealed class TableRequests
{
    internal const string Version = "2020-12-06";
    internal const string Format = $"{FormatName}={FormatValue}";
    internal const string JsonRows = "application/json;odata=minimalmetadata";
    private const string FormatName = "$format";
    private const string FormatValue = "application%2Fjson%3Bodata%3Dminimalmetadata";
    private const int LongestFilter = 512; // On the stack; a longer one is gathered elsewhere.
    private const string NextPartition = "x-ms-continuation-NextPartitionKey";
    private const string NextRow = "x-ms-continuation-NextRowKey";

    // Nothing sends it or logs it; left open, a random one would be made for each request.
    private const string Unsent = "alter";

    private readonly Uri endpoint;
    private readonly string root;
    private readonly string batch;
    private readonly string sharedAccess;
    private readonly ConcurrentDictionary<string, string> paths = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TransactionBody.Heads> heads = new(StringComparer.Ordinal);
    private readonly RetryOptions retry;
    private readonly DelayStrategy delays;
    private readonly HttpPipeline pipeline;

    /// <param name="endpoint">Of the table service, with the account's path where it has one.</param>
    /// <param name="options">How often and how fast a request is repeated, and what carries it.</param>
    /// <param name="access">Proves who asks.</param>
    internal TableRequests(Uri endpoint, TableClientOptions options, TableAccess access)
    {
        this.endpoint = endpoint;
        root = endpoint.AbsolutePath.TrimEnd('/');
        batch = $"{root}/$batch";
        sharedAccess = access.Query;
        retry = options.Retry;
        delays = DelayStrategy.CreateExponentialDelayStrategy(retry.Delay, retry.MaxDelay);
        // The client's pipeline without what logs, traces and follows redirects, which is switched off there.
        pipeline = new HttpPipeline(options.Transport, [.. access.Policies]);
    }

    /// <summary>All rows of a table that match.</summary>
    /// <param name="table">Its name.</param>
    /// <param name="filter">From <see cref="TableClient.CreateQueryFilter(FormattableString)"/>.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <remarks>One storage operation up to 1,000 rows; a page may be empty and still be followed by another.</remarks>
    internal Task<List<TableRow>> QueryAsync(string table, string filter, CancellationToken cancellationToken) =>
        ReadAsync(table, Ask(table, Uri.EscapeDataString(filter)), cancellationToken);

    /// <summary>All rows of one partition whose key begins with a word and '|'.</summary>
    /// <param name="table">Its name.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="word">The word.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <remarks>As <see cref="QueryAsync"/>, whose filter a test compares: what every call asks is put together escaped.</remarks>
    internal Task<List<TableRow>> QueryWordAsync(string table, string partition, string word, CancellationToken cancellationToken)
    {
        Span<char> place = stackalloc char[LongestFilter];
        var filter = new EscapedText(place);
        filter.Add("PartitionKey%20eq%20%27");
        filter.AddQuoted(partition);
        filter.Add("%27%20and%20RowKey%20ge%20%27");
        filter.AddQuoted(word);
        filter.Add("%7C%27%20and%20RowKey%20lt%20%27"); // '|', and what follows it: '}'.
        filter.AddQuoted(word);
        filter.Add("%7D%27");
        return ReadAsync(table, Ask(table, filter.Text), cancellationToken);
    }

    /// <summary>A text between quotes in a URL: OData 3.0 doubles its own (A42).</summary>
    internal static string Quoted(string text) => Uri.EscapeDataString(text.Replace("'", "''", StringComparison.Ordinal));

    private HttpMessage Ask(string table, ReadOnlySpan<char> filter)
    {
        var message = Begin(RequestMethod.Get, PathOf(table), JsonRows);
        message.Request.Uri.AppendQuery(FormatName, FormatValue, escapeValue: false);
        message.Request.Uri.AppendQuery("$filter", filter, escapeValue: false);
        return message;
    }

    private async Task<List<TableRow>> ReadAsync(string table, HttpMessage first, CancellationToken cancellationToken)
    {
        var rows = new List<TableRow>();
        for (var (next, asked) = (first, ""); ;)
        {
            using var message = next;
            await SendAsync(message, cancellationToken);
            var answer = message.Response;
            if (answer.IsError)
            {
                throw TableFault.Of(answer);
            }

            TableRowJson.ReadAll(TableFault.Body(answer), rows);
            if (!answer.Headers.TryGetValue(NextPartition, out var partition))
            {
                return rows;
            }

            asked = asked.Length is 0 ? message.Request.Uri.Query : asked;
            next = Begin(RequestMethod.Get, PathOf(table), JsonRows);
            next.Request.Uri.Query = $"{asked}&NextPartitionKey={Uri.EscapeDataString(partition)}"
                + (answer.Headers.TryGetValue(NextRow, out var row) ? $"&NextRowKey={Uri.EscapeDataString(row)}" : "");
        }
    }

    private string PathOf(string table) => paths.GetOrAdd(table, static (name, root) => $"{root}/{name}()", root);

    /// <summary>Writes rows of one partition, all or none of them: an entity group transaction.</summary>
    /// <param name="table">Its name.</param>
    /// <param name="rows">1 to 100, together at most 4 MiB.</param>
    /// <param name="cancellationToken">Stops the waiting; what was sent may land.</param>
    /// <remarks>One storage operation.</remarks>
    internal async Task WriteAsync(string table, IReadOnlyList<RowWrite> rows, CancellationToken cancellationToken)
    {
        using var message = Begin(RequestMethod.Post, batch, "application/json");
        message.Request.Headers.Add("Content-Type", TransactionBody.ContentType);
        var body = TransactionBody.Of(heads.GetOrAdd(table, static (name, endpoint) => new TransactionBody.Heads(endpoint, name), endpoint), rows);
        message.Request.Content = RequestContent.Create(body.Written);
        await SendAsync(message, cancellationToken);
        if (message.Response.IsError)
        {
            throw TableFault.Of(message.Response);
        }

        TransactionBody.Expect(rows.Count, TableFault.Body(message.Response));
        body.GiveBack(); // It is answered, so nothing reads it any more: over HTTP/1.1, which these requests use, an answer is not seen before the body is written. After a fault that is not sure.
    }

    private HttpMessage Begin(RequestMethod method, string path, string accept)
    {
        var message = pipeline.CreateMessage();
        var request = message.Request;
        request.Method = method;
        request.ClientRequestId = Unsent;
        (request.Uri.Scheme, request.Uri.Host, request.Uri.Port) = (endpoint.Scheme, endpoint.Host, endpoint.Port);
        (request.Uri.Path, request.Uri.Query) = (path, sharedAccess);
        request.Headers.Add("x-ms-version", Version);
        request.Headers.Add("DataServiceVersion", "3.0");
        request.Headers.Add("Accept", accept);
        return message;
    }

    // As often, and after the same faults, as the client would. An answer that is not there as a whole in time is none.
    private async Task SendAsync(HttpMessage message, CancellationToken cancellationToken)
    {
        for (var repetition = 0; ; repetition++)
        {
            var patience = Patience.Begin(retry.NetworkTimeout, cancellationToken);
            try
            {
                await pipeline.SendAsync(message, patience.Token);
                await HoldAnswerAsync(message.Response, patience.Token);
                if (repetition >= retry.MaxRetries || !message.Response.IsError || !message.ResponseClassifier.IsRetriableResponse(message))
                {
                    return;
                }
            }
            catch (Exception e) when (repetition < retry.MaxRetries && !cancellationToken.IsCancellationRequested && (e is OperationCanceledException || message.ResponseClassifier.IsRetriableException(e)))
            {
                // Not answered, not whole, or not in time.
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is IOException or OperationCanceledException)
            {
                // The transport itself says so only of what broke before the answer's head.
                throw new RequestFailedException(0, "The tables did not answer as a whole, or not in time.", errorCode: null, e);
            }
            finally
            {
                patience.End();
            }

            await Task.Delay(delays.GetNextDelay(message.HasResponse ? message.Response : null, repetition + 1), TimeProvider.System, cancellationToken);
        }
    }

    private static async Task HoldAnswerAsync(Response answer, CancellationToken cancellationToken)
    {
        if (answer.ContentStream is not { CanSeek: false } stream)
        {
            return;
        }

        var whole = new MemoryStream(answer.Headers.ContentLength is { } length and > 0 and < 1024 * 1024 ? (int)length : 4096);
        await using (stream)
        {
            await stream.CopyToAsync(whole, cancellationToken);
        }

        whole.Position = 0;
        answer.ContentStream = whole;
    }
}

/// <summary>One row of a transaction.</summary>
/// <param name="Row">Its keys and columns.</param>
/// <param name="Replaces">True: in the place of whatever is there; false: 409 where something is.</param>
internal readonly record struct RowWrite(TableRow Row, bool Replaces);
