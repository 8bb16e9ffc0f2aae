namespace Alter.Sdk;

/// <summary>One entry of the vault's record. It holds no body and no secret; users and accounts are salted hashes.</summary>
public sealed record AuditEntry
{
    /// <summary>Its name; that of a request is the request's id.</summary>
    public required string Id { get; init; }

    /// <summary>When the request came, or the thing happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary><c>end</c>: how a request ended; <c>grant</c>: what became of a grant; <c>connect</c>: a visit to Connect that brought none.</summary>
    public required string Kind { get; init; }

    /// <summary>The app's id.</summary>
    public string? App { get; init; }

    /// <summary>Which of the app's keys.</summary>
    public string? KeyId { get; init; }

    /// <summary>Who the caller said it was.</summary>
    public string? Caller { get; init; }

    /// <summary>A salted hash of the user: tells users apart, names nobody.</summary>
    public string? User { get; init; }

    /// <summary>The grant.</summary>
    public Guid? GrantId { get; init; }

    /// <summary>A salted hash of the provider account.</summary>
    public string? Account { get; init; }

    /// <summary>The provider's id.</summary>
    public string? Provider { get; init; }

    /// <summary>The HTTP method.</summary>
    public string? Method { get; init; }

    /// <summary>The URL without its query.</summary>
    public string? Url { get; init; }

    /// <summary>What the caller was answered with.</summary>
    public int? Status { get; init; }

    /// <summary>From the request to the end of its answer, in milliseconds.</summary>
    public int? LatencyMs { get; init; }

    /// <summary>Bytes of the request's body.</summary>
    public long? BytesIn { get; init; }

    /// <summary>Bytes of the answer's body.</summary>
    public long? BytesOut { get; init; }

    /// <summary><c>answered</c>, <c>caller_left</c>, <c>cut_off</c>, <c>unknown</c>, the code of a refusal, or what became of a grant.</summary>
    public string? Outcome { get; init; }

    /// <summary>Says more of the outcome.</summary>
    public string? Detail { get; init; }

    /// <summary>The policy that forbade it.</summary>
    public string? Policy { get; init; }

    /// <summary>The rule of that policy.</summary>
    public string? Rule { get; init; }

    /// <summary>Why the caller called.</summary>
    public string? Reason { get; init; }

    /// <summary>What the caller said around it.</summary>
    public IReadOnlyDictionary<string, string>? Context { get; init; }

    /// <summary>The request's id, as in <c>X-Alter-Request-Id</c>.</summary>
    public string? RequestId { get; init; }

    /// <summary>The trace the request belonged to.</summary>
    public string? TraceId { get; init; }

    /// <summary>In one plain sentence why it ended so, and what to do.</summary>
    public string? Explain { get; init; }
}

/// <summary>One page of entries.</summary>
internal sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, string? NextCursor);
