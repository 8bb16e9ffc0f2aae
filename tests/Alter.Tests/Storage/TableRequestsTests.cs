using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Alter.Storage;
using Alter.Storage.Wire;
using Alter.Testing;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Data.Tables.Sas;

namespace Alter.Tests.Storage;

public sealed partial class TableRequestsTests(SharedAzurite azurite)
{
    private const string Evil = "quote\" back\\slash 'single' --changeset_alter\r\n--batch_alter--\r\nHTTP/1.1 500 no\r\n{\"odata.error\":{}} é 🔑 \u2028";

    private readonly string table = "wire" + A.Unique();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static TableEntity Everything(string partition, string row) => new(partition, row)
    {
        ["text"] = Evil,
        ["empty"] = "",
        ["flag"] = true,
        ["small"] = -7,
        ["big"] = 5_000_000_000L,
        ["bytes"] = new byte[] { 0, 1, 254, 255 },
        ["none"] = Array.Empty<byte>(),
        ["instant"] = new DateTimeOffset(2026, 2, 28, 23, 59, 59, TimeSpan.FromHours(2)).AddTicks(1234567),
    };

    [Fact]
    public async Task A_transaction_is_byte_for_byte_the_clients()
    {
        using var theirs = new Recorder();
        using var ours = new Recorder();
        var row = Everything("a|b'c ü", "r/1?#%");
        var client = new TableServiceClient(azurite.ConnectionString, Options(theirs)).GetTableClient(table);
        await Assert.ThrowsAsync<RequestFailedException>(() => client.SubmitTransactionAsync(
            [new(TableTransactionActionType.Add, row), new(TableTransactionActionType.UpsertReplace, row)], Cancellation));
        await Assert.ThrowsAsync<RequestFailedException>(() => Requests(ours).WriteAsync(table, [new(TableRow.Of(row), Replaces: false), new(TableRow.Of(row), Replaces: true)], Cancellation));

        Assert.Equal(Head(theirs), Head(ours));
        var (expected, actual) = (Lines(theirs), Lines(ours));
        Assert.Equal(expected.Select(line => line.StartsWith('{') ? "" : line), actual.Select(line => line.StartsWith('{') ? "" : line));
        var rows = actual.Where(line => line.StartsWith('{')).Select(line => JsonNode.Parse(line)).ToList();
        Assert.Equal(2, rows.Count);
        Assert.All(expected.Where(line => line.StartsWith('{')).Select(line => JsonNode.Parse(line)).Zip(rows), pair => Assert.True(JsonNode.DeepEquals(pair.First, pair.Second), $"{pair}"));
    }

    [Fact]
    public async Task A_query_is_the_clients()
    {
        using var theirs = new Recorder();
        using var ours = new Recorder();
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {"a|b'c ü"} and RowKey lt {"}"}");
        var client = new TableServiceClient(azurite.ConnectionString, Options(theirs)).GetTableClient(table);
        await Assert.ThrowsAsync<RequestFailedException>(async () => await client.QueryAsync<TableEntity>(filter, cancellationToken: Cancellation).ToListAsync(Cancellation));
        await Assert.ThrowsAsync<RequestFailedException>(() => Requests(ours).QueryAsync(table, filter, Cancellation));

        Assert.Equal(Head(theirs), Head(ours));
    }

    [Theory]
    [InlineData("app|0123456789abcde", "google")]
    [InlineData("a|b'c ü", "it's' or 1 eq 1 or '")]
    [InlineData("a", "&$filter=x%27 🔑")]
    [InlineData("", "")]
    public async Task The_filter_of_a_word_is_the_clients(string partition, string word)
    {
        using var theirs = new Recorder();
        using var ours = new Recorder();
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {word + "|"} and RowKey lt {word + "}"}");
        await Assert.ThrowsAsync<RequestFailedException>(() => Requests(theirs).QueryAsync(table, filter, Cancellation));
        await Assert.ThrowsAsync<RequestFailedException>(() => Requests(ours).QueryWordAsync(table, partition, word, Cancellation));

        Assert.Equal(theirs.Url, ours.Url);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(2_000)]
    public async Task However_long_what_it_asks_for_is_the_filter_is_the_clients(int length)
    {
        using var theirs = new Recorder();
        using var ours = new Recorder();
        var (partition, word) = (new string('|', length), new string('w', length));
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {word + "|"} and RowKey lt {word + "}"}");
        await Assert.ThrowsAsync<RequestFailedException>(() => Requests(theirs).QueryAsync(table, filter, Cancellation));
        await Assert.ThrowsAsync<RequestFailedException>(() => Requests(ours).QueryWordAsync(table, partition, word, Cancellation));

        Assert.Equal(theirs.Url, ours.Url);
    }

    [Fact]
    public async Task What_one_transaction_left_in_memory_is_in_no_other()
    {
        await TableAsync();
        var requests = Requests();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(number => requests.WriteAsync(
            table, [.. Enumerable.Range(0, 1 + (number % 7)).Select(row => new RowWrite(new TableRow($"p{number}", $"{row}") { ["text"] = new string((char)('a' + (number % 26)), 100 * number) }, Replaces: false))], Cancellation)));

        for (var number = 0; number < 40; number++)
        {
            var rows = await requests.QueryAsync(table, $"PartitionKey eq 'p{number}'", Cancellation);
            Assert.Equal(1 + (number % 7), rows.Count);
            Assert.All(rows, row => Assert.Equal(new string((char)('a' + (number % 26)), 100 * number), row["text"]));
        }
    }

    [Fact]
    public async Task A_request_that_took_too_long_does_not_shorten_the_next()
    {
        await TableAsync();
        using var silent = new SilentTransport();
        var options = Options(silent);
        options.Retry.NetworkTimeout = TimeSpan.FromMilliseconds(20);
        using var caller = new CancellationTokenSource();
        for (var time = 0; time < 20; time++)
        {
            Assert.True(StorageFault.Is(await Assert.ThrowsAnyAsync<Exception>(() => Requests(options).QueryAsync(table, "PartitionKey eq 'p'", caller.Token))));
            Assert.Empty(await Requests().QueryAsync(table, "PartitionKey eq 'p'", caller.Token));
        }

        await caller.CancelAsync(); // Nothing of those requests hears it.
        Assert.Empty(await Requests().QueryAsync(table, "PartitionKey eq 'p'", Cancellation));
    }

    [Theory]
    [InlineData("plain", "row")]
    [InlineData("it's|mine", "100%|a+b c")]
    [InlineData("ünï|🔑", "')('")]
    public async Task What_is_written_is_read_back_by_either(string partition, string rowKey)
    {
        var client = await TableAsync();
        var requests = Requests();
        var row = Everything(partition, rowKey);
        await requests.WriteAsync(table, [new(TableRow.Of(row), Replaces: false)], Cancellation);
        await client.AddEntityAsync(new TableEntity(partition, "~") { ["real"] = 1.5, ["id"] = Guid.Parse("00000000-0000-4000-8000-000000000001") }, Cancellation);

        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition}");
        var theirs = await client.QueryAsync<TableEntity>(filter, cancellationToken: Cancellation).ToListAsync(Cancellation);
        var ours = (await requests.QueryAsync(table, filter, Cancellation)).ConvertAll(row => row.ToEntity());
        Assert.Equal(2, ours.Count);
        foreach (var (expected, actual) in theirs.Zip(ours))
        {
            Assert.Equal((expected.ETag, expected.Timestamp), (actual.ETag, actual.Timestamp));
            Assert.Equal(expected.Keys.Where(IsColumn).Order(StringComparer.Ordinal), actual.Keys.Where(IsColumn).Order(StringComparer.Ordinal));
            Assert.All(expected.Keys.Where(IsColumn), name => Assert.Equal(expected[name], actual[name]));
        }

        Assert.All(row.Keys.Where(name => name is not "instant"), name => Assert.Equal(row[name], ours.Single(one => one.RowKey == rowKey)[name]));

        static bool IsColumn(string name) => !name.StartsWith("odata", StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_pages_are_read_in_order()
    {
        await TableAsync();
        var requests = Requests();
        for (var batch = 0; batch < 11; batch++)
        {
            var from = batch * 100;
            await requests.WriteAsync(table, [.. Enumerable.Range(from, 100).Select(number => new RowWrite(new TableRow("p", number.ToString("D5", CultureInfo.InvariantCulture)), Replaces: false))], Cancellation);
        }

        var rows = await requests.QueryAsync(table, "PartitionKey eq 'p'", Cancellation);
        Assert.Equal(Enumerable.Range(0, 1100).Select(number => number.ToString("D5", CultureInfo.InvariantCulture)), rows.Select(row => row.RowKey));
    }

    [Fact]
    public async Task A_row_that_is_there_refuses_the_whole_transaction()
    {
        await TableAsync();
        var requests = Requests();
        await requests.WriteAsync(table, [new(new TableRow("p", "secret-key"), Replaces: false)], Cancellation);
        var fault = await Assert.ThrowsAsync<RequestFailedException>(() => requests.WriteAsync(
            table, [new(new TableRow("p", "other"), Replaces: false), new(new TableRow("p", "secret-key"), Replaces: false)], Cancellation));

        Assert.Equal((409, "EntityAlreadyExists"), (fault.Status, fault.ErrorCode));
        Assert.DoesNotContain("secret-key", fault.ToString(), StringComparison.Ordinal);
        Assert.Single(await requests.QueryAsync(table, "PartitionKey eq 'p'", Cancellation));
    }

    [Fact]
    public async Task A_table_that_is_not_there_is_told_by_its_code()
    {
        var requests = Requests();
        var reading = await Assert.ThrowsAsync<RequestFailedException>(() => requests.QueryAsync(table, "PartitionKey eq 'p'", Cancellation));
        var writing = await Assert.ThrowsAsync<RequestFailedException>(() => requests.WriteAsync(table, [new(new TableRow("p", "r"), Replaces: false)], Cancellation));

        Assert.All([reading, writing], fault => Assert.Equal((404, "TableNotFound"), (fault.Status, fault.ErrorCode)));
    }

    [Fact]
    public async Task A_table_is_made_by_its_first_row()
    {
        var tables = new AlterTables(A.Storage(azurite.ConnectionString));
        var month = Random.Shared.Next(100_000, 999_999).ToString(CultureInfo.InvariantCulture);
        await tables.WriteAsync(tables.ActivityOf(month), [new(new TableRow("p", "r"), Replaces: true)]);

        Assert.Single(await tables.ReadAsync(tables.ActivityOf(month), "PartitionKey eq 'p'", Cancellation));
        await tables.ActivityOf(month).DeleteAsync(Cancellation);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task What_is_lost_is_sent_again_twice(int lost, bool arrives)
    {
        await TableAsync();
        using var network = new FakeNetwork { LosesRequest = _ => lost-- > 0 };
        var writing = Requests(network).WriteAsync(table, [new(new TableRow("p", "r"), Replaces: false)], Cancellation);
        if (arrives)
        {
            await writing;
        }
        else
        {
            Assert.True(StorageFault.Is(await Assert.ThrowsAnyAsync<Exception>(() => writing)));
        }

        Assert.Equal(3, network.Requests);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_asked_for_again_and_then_a_fault_of_storage()
    {
        var client = await TableAsync();
        await client.AddEntityAsync(new TableEntity("p", "r"), Cancellation);
        var cut = 2;
        using var network = new FakeNetwork { CutsAnswer = _ => cut-- > 0 };
        Assert.Single(await Requests(network).QueryAsync(table, "PartitionKey eq 'p'", Cancellation));
        Assert.Equal(3, network.Requests);

        network.CutsAnswer = _ => true;
        var reading = await Assert.ThrowsAnyAsync<Exception>(() => Requests(network).QueryAsync(table, "PartitionKey eq 'p'", Cancellation));
        var writing = await Assert.ThrowsAnyAsync<Exception>(() => Requests(network).WriteAsync(table, [new(new TableRow("p", "s"), Replaces: true)], Cancellation));
        var theirs = await Assert.ThrowsAnyAsync<Exception>(async () => await new TableServiceClient(azurite.ConnectionString, Options(network)).GetTableClient(table).QueryAsync<TableEntity>("PartitionKey eq 'p'", cancellationToken: Cancellation).ToListAsync(Cancellation));
        Assert.All([reading, writing, theirs], fault => Assert.True(StorageFault.Is(fault), $"{fault}"));
        Assert.Equal(3 + (3 * 3), network.Requests);
    }

    [Theory]
    [InlineData(500, 3)]
    [InlineData(503, 3)]
    [InlineData(429, 3)]
    [InlineData(403, 1)]
    [InlineData(400, 1)]
    public async Task Answers_that_may_change_are_asked_for_again(int status, int times)
    {
        using var network = new Recorder { Status = status, Answer = "<html>PartitionKey 'secret'</html>" };
        var fault = await Assert.ThrowsAsync<RequestFailedException>(() => Requests(network).QueryAsync(table, "PartitionKey eq 'p'", Cancellation));

        Assert.Equal((status, null), (fault.Status, fault.ErrorCode));
        Assert.Equal(times, network.Sent);
        Assert.DoesNotContain("secret", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silence_ends_after_the_timeout_and_the_callers_leave_ends_it_at_once()
    {
        using var silent = new SilentTransport();
        var options = Options(silent);
        options.Retry.NetworkTimeout = TimeSpan.FromMilliseconds(50);
        var fault = await Assert.ThrowsAnyAsync<Exception>(() => Requests(options).QueryAsync(table, "PartitionKey eq 'p'", Cancellation));
        Assert.True(StorageFault.Is(fault), $"{fault}");
        Assert.Equal(3, silent.Sent);

        using var caller = new CancellationTokenSource();
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Requests(options).QueryAsync(table, "PartitionKey eq 'p'", caller.Token));
        Assert.Equal(4, silent.Sent);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("<html></html>")]
    [InlineData("""{"value":[{"PartitionKey":"p","RowKey":"r","b@odata.type":"Edm.Binary","b":"not base64"}]}""")]
    [InlineData("""{"value":[{"PartitionKey":"p","RowKey":"r","l@odata.type":"Edm.Int64","l":"many"}]}""")]
    [InlineData("""{"value":[{"PartitionKey":"p","RowKey":"r","d@odata.type":"Edm.DateTime","d":"never"}]}""")]
    [InlineData("""{"value":[{"PartitionKey":"p","RowKey":"r",""")]
    [InlineData("""{"value":[null]}""")]
    [InlineData("""{"value":[{"PartitionKey":"p","RowKey":"r"},null,{"PartitionKey":"p","RowKey":"s"}]}""")]
    [InlineData("""{"value":[{"PartitionKey":"p","RowKey":"r"},[],{"PartitionKey":"p","RowKey":"s"}]}""")]
    [InlineData("""{"value":[]} and more""")]
    [InlineData("""{"value":[{"PartitionKey":"p","RowKey":"r"}],"value":[]}""")]
    public async Task An_answer_that_is_no_row_is_a_fault_of_storage(string answer)
    {
        using var network = new Recorder { Status = 200, Answer = answer };
        await Assert.ThrowsAsync<RequestFailedException>(() => Requests(network).QueryAsync(table, "PartitionKey eq 'p'", Cancellation));
    }

    [Fact]
    public void A_type_may_stand_before_its_value_or_behind_it()
    {
        var rows = new List<TableRow>();
        TableRowJson.ReadAll(
            """
            {"odata.metadata":"x","value":[{"odata.etag":"W/\"1\"","PartitionKey":"p","RowKey":"r","Timestamp":"2026-01-02T03:04:05.6Z",
            "a@odata.type":"Edm.Int64","a":"5","b":"AQI=","b@odata.type":"Edm.Binary","c":7,"d":"text","e":1.5,"f@odata.type":"Edm.Double","f":2,"g@odata.type":"Edm.Double","g":"NaN",
            "h":"2026-01-02T03:04:05.6Z","h@odata.type":"Edm.DateTime","i":"-5","i@odata.type":"Edm.Int64",
            "j\u0040odata.type":"Edm.Int64","\u006a":"7"}]}
            """u8,
            rows);

        var row = Assert.Single(rows);
        Assert.Equal(new ETag("W/\"1\""), row.ETag);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 600, TimeSpan.Zero), row.Timestamp);
        Assert.Equal([5L, new byte[] { 1, 2 }, 7, "text", 1.5, 2.0, double.NaN, row.Timestamp, -5L, 7L], new[] { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" }.Select(name => row[name]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("--x\r\nHTTP/1.1 204 No Content\r\n\r\n--x--")]
    [InlineData("--x\r\nHTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n--x--")]
    [InlineData("--x\r\nHTTP/1.1 nothing\r\n\r\n--x--")]
    public async Task A_transaction_of_which_not_every_row_was_answered_is_a_fault(string answer)
    {
        using var network = new Recorder { Status = 202, Answer = answer };
        await Assert.ThrowsAsync<RequestFailedException>(() => Requests(network).WriteAsync(
            table, [new(new TableRow("p", "1"), Replaces: false), new(new TableRow("p", "2"), Replaces: false)], Cancellation));
    }

    [Fact]
    public async Task Another_accounts_key_is_refused()
    {
        var client = new TableServiceClient(azurite.ConnectionString);
        var access = new TableAccess([new SharedKeySignature(client.AccountName, new byte[32], TimeProvider.System)], "");
        var fault = await Assert.ThrowsAsync<RequestFailedException>(() => new TableRequests(client.Uri, Options(null), access).QueryAsync(table, "PartitionKey eq 'p'", Cancellation));
        Assert.Equal(403, fault.Status);
    }

    [Fact]
    public async Task A_shared_access_signature_is_as_good_as_a_key()
    {
        var service = new TableServiceClient(azurite.ConnectionString);
        var sas = service.GenerateSasUri(TableAccountSasPermissions.All, TableAccountSasResourceTypes.All, TimeProvider.System.GetUtcNow().AddHours(1)).Query.TrimStart('?');
        var tables = new AlterTables(new AlterStorageOptions($"TableEndpoint={service.Uri.GetLeftPart(UriPartial.Path)};SharedAccessSignature={sas}", null, null, null));
        await tables.WriteAsync(tables.ActivityOf(table), [new(new TableRow("p", "r"), Replaces: true)]);

        Assert.Single(await tables.ReadAsync(tables.ActivityOf(table), "PartitionKey eq 'p'", Cancellation));
        await tables.ActivityOf(table).DeleteAsync(Cancellation);
    }

    [Fact]
    public async Task A_managed_identity_shows_its_token_for_storage()
    {
        using var network = new Recorder { Status = 200, Answer = """{"value":[]}""" };
        var credential = new FixedToken();
        var options = new AlterStorageOptions(null, new Uri("https://account.table.core.windows.net"), new Uri("https://account.queue.core.windows.net"), credential);
        var requests = new TableRequests(options.Tables!, Options(network), TableAccess.Of(options, "account"));

        Assert.Empty(await requests.QueryAsync("grants", "PartitionKey eq 'p'", Cancellation));
        Assert.Equal("Bearer fixed", network.Headers["Authorization"]);
        Assert.Equal(["https://storage.azure.com/.default"], credential.Scopes);
        Assert.StartsWith("https://account.table.core.windows.net/grants()?", network.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_takes_longer_than_a_try_is_acquired_once()
    {
        using var network = new Recorder { Status = 200, Answer = """{"value":[]}""" };
        var credential = new SlowToken();
        var options = new AlterStorageOptions(null, new Uri("https://account.table.core.windows.net"), new Uri("https://account.queue.core.windows.net"), credential);
        var hasty = Options(network);
        hasty.Retry.NetworkTimeout = TimeSpan.FromMilliseconds(20);
        var requests = new TableRequests(options.Tables!, hasty, TableAccess.Of(options, "account"));

        Assert.True(StorageFault.Is(await Assert.ThrowsAnyAsync<Exception>(() => requests.QueryAsync("grants", "PartitionKey eq 'p'", Cancellation))));
        Assert.Equal((1, 0), (credential.Asked, credential.Cancelled));

        hasty.Retry.NetworkTimeout = TimeSpan.FromMinutes(1);
        var waiting = requests.QueryAsync("grants", "PartitionKey eq 'p'", Cancellation);
        credential.Answer.SetResult(new AccessToken("slow", DateTimeOffset.MaxValue));
        Assert.Empty(await waiting);
        Assert.InRange(credential.Asked, 1, 2); // Where it was answered before that request joined, the next is answered at once.
        Assert.Equal("Bearer slow", network.Headers["Authorization"]);
        Assert.Equal(0, credential.Cancelled);
    }

    private static TableClientOptions Options(HttpPipelineTransport? transport)
    {
        var options = new TableClientOptions();
        options.Retry.MaxRetries = 2;
        options.Retry.Delay = TimeSpan.FromMilliseconds(1);
        options.Retry.MaxDelay = TimeSpan.FromMilliseconds(2);
        options.Transport = transport ?? options.Transport;
        return options;
    }

    private TableRequests Requests(HttpPipelineTransport? transport = null) => Requests(Options(transport));

    private TableRequests Requests(TableClientOptions options)
    {
        var storage = A.Storage(azurite.ConnectionString);
        var service = new TableServiceClient(azurite.ConnectionString);
        return new TableRequests(service.Uri, options, TableAccess.Of(storage, service.AccountName));
    }

    private async Task<TableClient> TableAsync()
    {
        var client = new TableServiceClient(azurite.ConnectionString).GetTableClient(table);
        await client.CreateIfNotExistsAsync(Cancellation);
        return client;
    }

    // What the vault leaves away, and what differs between two requests of one client.
    private static IEnumerable<string> Head(Recorder sent) => sent.Headers
        .Where(header => header.Key is not ("x-ms-client-request-id" or "x-ms-return-client-request-id" or "User-Agent" or "x-ms-date"))
        .Select(header => $"{header.Key}: {(header.Key is "Authorization" ? header.Value.Split(':')[0] : Boundaries().Replace(header.Value, "alter"))}")
        .Order(StringComparer.Ordinal)
        .Prepend(sent.Url);

    private static string[] Lines(Recorder sent) => Boundaries().Replace(sent.Body, "alter").Split("\r\n");

    [GeneratedRegex("(?<=(batch|changeset)_)[0-9a-f-]{36}", RegexOptions.ExplicitCapture)]
    private static partial Regex Boundaries();

    // Keeps the last request, and answers by itself.
    private sealed class Recorder : HttpPipelineTransport, IDisposable
    {
        private readonly HttpClientTransport wire = new();

        public int Status { get; init; } = 400;

        public string Answer { get; init; } = "";

        public int Sent { get; private set; }

        public string Url { get; private set; } = "";

        public Dictionary<string, string> Headers { get; private set; } = [];

        public string Body { get; private set; } = "";

        public override Request CreateRequest() => wire.CreateRequest();

        public override void Process(HttpMessage message) => throw new NotSupportedException("The vault never blocks.");

        public override async ValueTask ProcessAsync(HttpMessage message)
        {
            Sent++;
            Url = $"{message.Request.Method} {message.Request.Uri}".Replace("GET ", "", StringComparison.Ordinal);
            Headers = message.Request.Headers.ToDictionary(header => header.Name, header => header.Value, StringComparer.OrdinalIgnoreCase);
            using var body = new MemoryStream();
            if (message.Request.Content is { } content)
            {
                await content.WriteToAsync(body, message.CancellationToken);
            }

            Body = Encoding.UTF8.GetString(body.ToArray());
            message.Response = new Told(Status, Answer);
        }

        public void Dispose() => wire.Dispose();
    }

    private sealed class SilentTransport : HttpPipelineTransport, IDisposable
    {
        private readonly HttpClientTransport wire = new();

        public int Sent { get; private set; }

        public override Request CreateRequest() => wire.CreateRequest();

        public override void Process(HttpMessage message) => throw new NotSupportedException("The vault never blocks.");

        public override async ValueTask ProcessAsync(HttpMessage message)
        {
            Sent++;
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, message.CancellationToken);
        }

        public void Dispose() => wire.Dispose();
    }

    private sealed class Told(int status, string body) : Response
    {
        public override int Status => status;

        public override string ReasonPhrase => "";

        public override Stream? ContentStream { get; set; } = new MemoryStream(Encoding.UTF8.GetBytes(body));

        public override string ClientRequestId { get; set; } = "";

        public override void Dispose() => ContentStream?.Dispose();

        protected override bool ContainsHeader(string name) => false;

        protected override IEnumerable<HttpHeader> EnumerateHeaders() => [];

        protected override bool TryGetHeader(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value)
        {
            value = null;
            return false;
        }

        protected override bool TryGetHeaderValues(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IEnumerable<string>? values)
        {
            values = null;
            return false;
        }
    }

    private sealed class FixedToken : TokenCredential
    {
        public IReadOnlyList<string> Scopes { get; private set; } = [];

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Scopes = requestContext.Scopes;
            return new AccessToken("fixed", DateTimeOffset.MaxValue);
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }

    private sealed class SlowToken : TokenCredential
    {
        private int asked;
        private int cancelled;

        public TaskCompletionSource<AccessToken> Answer { get; } = new();

        public int Asked => asked;

        public int Cancelled => cancelled;

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new NotSupportedException("The vault never blocks.");

        public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref asked);
            try
            {
                return await Answer.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref cancelled);
                throw;
            }
        }
    }
}
