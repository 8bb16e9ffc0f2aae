namespace Alter.Refresh;

/// <summary>Another call is refreshing this grant and has not finished yet.</summary>
public sealed record TokenRefreshInProgress : Refusal
{
    public TokenRefreshInProgress(Guid grantId)
        : base("Another call is refreshing this grant. Repeat the call shortly.")
    {
        GrantId = grantId;
        RetryAfter = TimeSpan.FromSeconds(2);
    }

    public Guid GrantId { get; }
}
