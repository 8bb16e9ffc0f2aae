using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Alter.Storage.Wire;

namespace Alter.Audit;

/// <summary>What an entry tells of.</summary>
public static class AuditKinds
{
    /// <summary>A call is about to be sent; written before anything of it shows.</summary>
    public const string Call = "call";

    /// <summary>How a request ended, a refusal included. It repeats all its <see cref="Call"/> said.</summary>
    public const string End = "end";

    /// <summary>A grant changed: its generation or status, or its provider was told of its end.</summary>
    public const string Grant = "grant";

    /// <summary>What became of a person's visit to Connect, where no grant came of it.</summary>
    public const string Connect = "connect";

    /// <summary>A lane begins: which document the process runs, and which lane it goes on from.</summary>
    public const string Start = "start";
}

/// <summary>Outcomes that are not the code of a refusal.</summary>
public static class AuditOutcomes
{
    /// <summary>The provider answered, whatever it said: <see cref="AuditEntry.Status"/> has its word.</summary>
    public const string Answered = "answered";

    /// <summary>The caller left before the answer was there.</summary>
    public const string CallerLeft = "caller_left";

    /// <summary>The provider's answer broke off.</summary>
    public const string CutOff = "cut_off";

    /// <summary>A call without an end: it was perhaps sent, and the worker died.</summary>
    public const string Unknown = "unknown";
}

/// <summary>An entry and its text, as the record has it.</summary>
internal readonly record struct WrittenEntry(AuditEntry Entry, Utf8Text Text);

/// <summary>
/// One entry of the record. It holds no body, no secret and no name of a person: users and accounts are salted hashes. Text that callers choose has lost
/// control and direction characters (<see cref="AuditText"/>).
/// </summary>
public sealed record AuditEntry
{
    private const int MaxLength = 30_000; // A text column holds 32,768 characters.
    private const int MaxShort = 800; // Five such texts fit, were every character escaped to six.

    private static readonly JsonSerializerOptions Reading = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    // What is not ASCII is kept as it is: escaped it would grow sixfold.
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? writer;

    /// <summary>One of <see cref="AuditKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>32 hex digits; a call and its end share it. That of a request is its request id.</summary>
    public required string Id { get; init; }

    /// <summary>When the request came, or the thing happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The app's id; empty for what is the whole vault's.</summary>
    public string App { get; init; } = "";

    /// <summary>Which of the app's keys; null where none was used.</summary>
    public string? KeyId { get; init; }

    /// <summary>Who the caller says it is (<c>X-Alter-Caller</c>).</summary>
    public string? Caller { get; init; }

    /// <summary>The owner's hash, 64 hex digits: it names nobody, and confirms no guess without the deployment's salt.</summary>
    public string? User { get; init; }

    public Guid? GrantId { get; init; }

    /// <summary>The key of the provider account, a salted hash; whose account it is, the grant knows as long as it is there.</summary>
    public string? Account { get; init; }

    public string? Provider { get; init; }

    /// <summary>The HTTP method.</summary>
    public string? Method { get; init; }

    /// <summary>The provider's URL without its query; or the vault's own path, for a request that is no call.</summary>
    public string? Url { get; init; }

    /// <summary>What the caller was answered with; null where nothing was.</summary>
    public int? Status { get; init; }

    /// <summary>From the request to the end of its answer, in milliseconds.</summary>
    public int? LatencyMs { get; init; }

    /// <summary>From the request to the end of its answer.</summary>
    [JsonIgnore]
    public TimeSpan? Latency => LatencyMs is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;

    /// <summary>Bytes of the request's body.</summary>
    public long? BytesIn { get; init; }

    /// <summary>Bytes of the answer's body.</summary>
    public long? BytesOut { get; init; }

    /// <summary>One of <see cref="AuditOutcomes"/>, the code of a refusal, or what became of a grant; null: not known yet.</summary>
    public string? Outcome { get; init; }

    /// <summary>Says more of the outcome: the cause of a grant's end, the provider's answer to a revocation.</summary>
    public string? Detail { get; init; }

    /// <summary>The policy that forbade it.</summary>
    public string? Policy { get; init; }

    /// <summary>The rule of that policy.</summary>
    public string? Rule { get; init; }

    /// <summary>Why the caller calls (<c>X-Alter-Reason</c>).</summary>
    public string? Reason { get; init; }

    /// <summary>What the caller says around it (<c>X-Alter-Context</c>): <c>run_id</c>, <c>thread_id</c>, <c>tool</c> and others.</summary>
    public IReadOnlyDictionary<string, string>? Context { get; init; }

    public string? RequestId { get; init; }

    /// <summary>Trace id of the request's <c>traceparent</c> (W3C), 32 hex digits.</summary>
    public string? TraceId { get; init; }

    /// <summary>Of the grant, after the change.</summary>
    public int? Generation { get; init; }

    /// <summary>Of the grant, after the change.</summary>
    public string? GrantStatus { get; init; }

    /// <summary>The document the process runs, in the first entry of a lane.</summary>
    public string? Configuration { get; init; }

    /// <summary>The lane this one goes on from, in the first entry of a lane.</summary>
    public string? Predecessor { get; init; }

    /// <summary>In one plain sentence why it ended so, and what to do.</summary>
    [JsonIgnore]
    public string Explanation => AuditExplanations.Of(this);

    /// <summary>The entry as it is stored, chained and authenticated. A context that would burst its column is cut short, and where that does not do it every text.</summary>
    internal Utf8Text ToText()
    {
        var text = Write();
        if (IsTooLong(text))
        {
            text = (this with { Context = ShortContext() }).Write();
        }

        // An entry its column does not take would hold up its lane.
        return IsTooLong(text) ? (this with { Context = null, Url = Short(Url), Rule = Short(Rule), Detail = Short(Detail), Reason = Short(Reason), Caller = Short(Caller) }).Write() : text;
    }

    private static bool IsTooLong(Utf8Text text) => text.Length > MaxLength && Encoding.UTF8.GetCharCount(text.Bytes) > MaxLength;

    // Member by member: a serializer would look at the type first, which costs a process that has just started more than the rest of its first call's record.
    private Utf8Text Write()
    {
        buffer ??= new ArrayBufferWriter<byte>(2048);
        buffer.ResetWrittenCount();
        var json = writer ??= new Utf8JsonWriter(buffer, Writing);
        json.Reset(buffer);
        json.WriteStartObject();
        Text("kind"u8, Kind);
        Text("id"u8, Id);
        json.WriteString("at"u8, At);
        Text("app"u8, App);
        Text("key_id"u8, KeyId);
        Text("caller"u8, Caller);
        Text("user"u8, User);
        if (GrantId is { } grant)
        {
            json.WriteString("grant_id"u8, grant);
        }

        Text("account"u8, Account);
        Text("provider"u8, Provider);
        Text("method"u8, Method);
        Text("url"u8, Url);
        Number("status"u8, Status);
        Number("latency_ms"u8, LatencyMs);
        Number("bytes_in"u8, BytesIn);
        Number("bytes_out"u8, BytesOut);
        Text("outcome"u8, Outcome);
        Text("detail"u8, Detail);
        Text("policy"u8, Policy);
        Text("rule"u8, Rule);
        Text("reason"u8, Reason);
        if (Context is not null)
        {
            json.WriteStartObject("context"u8);
            foreach (var (name, value) in Context)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }

        Text("request_id"u8, RequestId);
        Text("trace_id"u8, TraceId);
        Number("generation"u8, Generation);
        Text("grant_status"u8, GrantStatus);
        Text("configuration"u8, Configuration);
        Text("predecessor"u8, Predecessor);
        json.WriteEndObject();
        json.Flush();
        var text = Utf8Text.Rented(buffer.WrittenSpan);
        if (buffer.Capacity > 64 * 1024)
        {
            (buffer, writer) = (null, null); // One large entry does not stay in every thread.
        }

        return text;

        void Text(ReadOnlySpan<byte> name, string? value)
        {
            if (value is not null)
            {
                json.WriteString(name, value);
            }
        }

        void Number(ReadOnlySpan<byte> name, long? value)
        {
            if (value is { } number)
            {
                json.WriteNumber(name, number);
            }
        }
    }

    private static string? Short(string? text) => text is { Length: > MaxShort } ? text[..MaxShort] : text;

    private Dictionary<string, string> ShortContext()
    {
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in Context ?? new Dictionary<string, string>())
        {
            entries.TryAdd(AuditText.Clean(name, 40) ?? "", AuditText.Clean(value, 60) ?? "");
        }

        return entries;
    }

    /// <summary>Reads a stored entry; null where it is none.</summary>
    internal static AuditEntry? Parse(string? text)
    {
        try
        {
            return text is null ? null : JsonSerializer.Deserialize<AuditEntry>(text, Reading);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reasons and contexts are the caller's; they do not print.</summary>
    public override string ToString() => $"[{Kind} {Id} {Outcome}]";
}
