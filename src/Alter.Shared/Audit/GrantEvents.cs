namespace Alter.Audit;

/// <summary>What can become of a grant, as an entry's outcome.</summary>
public static class GrantEvents
{
    public const string Created = "created";

    /// <summary>Stored, and waiting for the app's backend to complete it.</summary>
    public const string Waiting = "waiting";

    public const string Reauthorized = "reauthorized";

    public const string Refreshed = "refreshed";

    public const string Revoked = "revoked";

    /// <summary>An app asked for the end, with this key and for this reason.</summary>
    public const string RevocationAsked = "revocation_asked";

    /// <summary>The person themselves ended it, at the Wallet.</summary>
    public const string RevokedByUser = "revoked_by_user";

    /// <summary>The person let it live longer, at the Wallet; the entry's detail has the new end.</summary>
    public const string Extended = "extended";

    public const string Expired = "expired";

    public const string CredentialRevoked = "credential_revoked";

    public const string RefreshInterrupted = "refresh_interrupted";

    /// <summary>A refused grant was tried again.</summary>
    public const string Reopened = "reopened";

    public const string Erased = "erased";

    /// <summary>The provider was told of the end; the entry's detail has what came of it.</summary>
    public const string ProviderTold = "provider_told";

    /// <summary>Any other change of generation or status.</summary>
    public const string Changed = "changed";
}
