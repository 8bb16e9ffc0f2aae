namespace Alter.Audit;

/// <summary>Why things ended as they did, in one plain sentence each: what happened and what to do.</summary>
public static class AuditExplanations
{
    /// <summary>By outcome: every code with which the vault ends a request it has recorded, and every change of a grant.</summary>
    public static IReadOnlyDictionary<string, string> Sentences { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [AuditOutcomes.CallerLeft] = "The caller hung up before the answer was there; the provider may have done what was asked, so look before repeating it.",
        [AuditOutcomes.CutOff] = "The provider's answer broke off on its way; it may have done what was asked, so look before repeating it.",
        [AuditOutcomes.Unknown] = "The call was about to be sent when the worker died; whether the provider did it is not known, so look there before repeating it.",
        ["invalid_request"] = "The call was not formed as the vault expects, and nothing was sent; the answer named what to correct.",
        ["url_not_allowed"] = "The URL is not one of the provider's hosts, and nothing was sent; correct the URL, or have the operator allow the host.",
        ["method_not_allowed"] = "The path does not have this method; correct the call.",
        ["not_found"] = "There is no such path; correct the call.",
        ["request_too_large"] = "A header or body was over its limit, and nothing was sent; send less.",
        ["invalid_user_token"] = "The user's token was missing, expired or not one of the app's identity provider, and nothing was sent; send a fresh one.",
        ["insufficient_scope"] = "The app key lacks the scope for this; the operator gives scopes to keys in the document.",
        ["invalid_api_key"] = "The app key may not be used like this, and nothing was done; the operator decides that in the document.",
        ["policy_violation"] = "A policy of the operator forbade it, and nothing was sent.",
        ["scope_reauth_required"] = "The user has not allowed a scope the app requires; have them connect the account again.",
        ["grant_expired"] = "The connection's lifetime had passed; have the user connect the account again.",
        ["grant_revoked"] = "The connection had been revoked; if that was not meant, have the user connect the account again.",
        ["credential_revoked"] = "The provider no longer honours the connection; have the user connect the account again.",
        ["key_unavailable"] = "The key that sealed this connection is gone; have the user connect again, or the operator restore the key.",
        ["grant_not_found"] = "The user had no such connection; have them connect the account.",
        ["ambiguous_grant"] = "Several accounts matched and the vault does not guess; name one with X-Alter-Account.",
        ["token_refresh_in_progress"] = "The connection was just being renewed by another call, and nothing was sent; repeat it.",
        ["connect_session_expired"] = "The Connect session was over; start Connect again.",
        ["connect_session_used"] = "The Connect session had been used already; start Connect again.",
        ["connect_denied"] = "The person said no at the provider; nothing was connected, and they can start Connect again.",
        ["connect_flow_invalid"] = "The provider's answer belonged to no flow of this browser, and nothing was connected; start Connect again.",
        ["user_mismatch"] = "Another person was signed in than the session was made for, and nothing was connected; sign in as the right user.",
        ["connect_config"] = "The provider refused the app's own configuration; the operator has to correct the OAuth client.",
        ["provider_unreachable"] = "The provider could not be reached; repeat the call later, if it changes something after a look at the provider.",
        ["provider_timeout"] = "The provider did not answer in time and may still have done what was asked, so look before repeating it.",
        ["wallet_session_expired"] = "Nobody was signed in to the Wallet any more; sign in there again.",
        ["audit_unavailable"] = "The call could not be recorded, so nothing of it was let through; repeat it.",
        ["vault_unavailable"] = "Storage, keys or a client secret of the vault could not be had, and nothing was released; repeat the call.",
        ["integrity_failure"] = "A stored record failed its integrity check, and nothing was released; the operator finds the cause in the log.",
        ["internal_error"] = "The vault met an error it did not expect; its operator finds the cause in the log under the request id.",
        [GrantEvents.Created] = "The user connected the account; calls work from here on.",
        [GrantEvents.Waiting] = "The account was connected and waits for the app to confirm whose browser it was; nothing can call with it yet.",
        [GrantEvents.Reauthorized] = "The user connected the same account again; the connection goes on under its old id.",
        [GrantEvents.Refreshed] = "The vault renewed the access token; there is nothing to do.",
        [GrantEvents.Changed] = "The connection's row was changed; there is nothing to do.",
        [GrantEvents.Revoked] = "The connection was revoked; every later call is refused until the user connects again.",
        [GrantEvents.RevocationAsked] = "The app asked for the connection's end, and its tokens were gone before this was answered.",
        [GrantEvents.RevokedByUser] = "The user disconnected the account at the Wallet; every later call is refused until they connect again.",
        [GrantEvents.Extended] = "The user let the connection live longer, at the Wallet.",
        [GrantEvents.Expired] = "The connection's lifetime passed; have the user connect the account again.",
        [GrantEvents.RefreshInterrupted] = "A renewal was cut off after the provider had replaced the token, and the connection was lost with it; have the user connect the account again.",
        [GrantEvents.Reopened] = "An operator had a refused connection tried again.",
        [GrantEvents.Erased] = "The user's data were erased, and this connection with them.",
        [GrantEvents.ProviderTold] = "The provider was told of the connection's end.",
    };

    /// <summary>One sentence about an entry.</summary>
    public static string Of(AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry switch
        {
            { Kind: AuditKinds.Start } => "A worker began to record; there is nothing to do.",
            { Outcome: null } => Sentences[AuditOutcomes.Unknown],
            { Outcome: AuditOutcomes.Answered, Status: { } status } => Answered(status),
            { Outcome: "policy_violation", Policy: { } policy } =>
                $"Policy {policy}{(entry.Rule is { } rule ? $" ({rule})" : "")} of the operator forbade it, and nothing was sent{(entry.Detail is { } when ? $"; {when}" : "")}.",
            { Outcome: GrantEvents.ProviderTold, Detail: { } answer } => Told(answer),
            { Outcome: { } outcome } when Sentences.TryGetValue(outcome, out var sentence) => sentence,
            _ => $"It ended with {entry.Outcome}; docs/errors.md says what to do.",
        };
    }

    private static string Answered(int status) => status switch
    {
        < 300 => "The provider answered; there is nothing to do.",
        < 400 => $"The provider answered with a redirect ({status}), which the vault does not follow; call the new address if it is wanted.",
        401 => "The provider refused the token (401) although the vault had just looked after it; if it goes on, have the user connect the account again.",
        403 => "The provider forbade it (403): the account or its scopes do not reach that far; X-Alter-Scope-Mismatch named scopes that are missing.",
        404 => "The provider knows nothing at that address (404); correct the URL.",
        429 => "The provider counted too many calls (429); wait as long as its Retry-After said.",
        < 500 => $"The provider refused the call as it was ({status}); its answer says what to correct.",
        _ => $"The provider failed ({status}); repeat the call later.",
    };

    private static string Told(string answer) => answer switch
    {
        Grants.RevocationOutcomes.Confirmed => "The provider was told of the connection's end and confirmed it.",
        Grants.RevocationOutcomes.NotOffered => "The provider offers no way to be told; what it still lists, the user can remove there.",
        Grants.RevocationOutcomes.SharedAccount => "The provider was not told, because that would have ended another user's connection of the same account.",
        Grants.RevocationOutcomes.GaveUp => "The provider could not be told within a day; the user can remove the app in their account there.",
        _ => "The provider could not be told, for the app, the provider or the key was gone; the user can remove the app in their account there.",
    };
}
