namespace Alter.Audit;

/// <summary>Which entries are wanted; null: any.</summary>
/// <param name="Provider">One provider's id.</param>
/// <param name="GrantId">One grant.</param>
/// <param name="Outcome">One outcome, exactly: <c>answered</c>, a refusal's code, what became of a grant.</param>
/// <param name="Since">At this instant or later.</param>
/// <param name="Until">Before this instant.</param>
public sealed record ActivityFilter(string? Provider = null, Guid? GrantId = null, string? Outcome = null, DateTimeOffset? Since = null, DateTimeOffset? Until = null);

/// <summary>Entries, the newest first.</summary>
/// <param name="Entries">At most as many as asked for.</param>
/// <param name="Next">Asks for what follows; null where nothing does.</param>
public sealed record ActivityPage(IReadOnlyList<AuditEntry> Entries, string? Next);
