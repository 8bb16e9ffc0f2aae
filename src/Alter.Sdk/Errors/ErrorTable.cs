namespace Alter.Sdk;

/// <summary>The contract's table: every error code, the exception it becomes, and what can be done where the answer does not say (HEAD has no body).</summary>
internal static class ErrorTable
{
    internal static IReadOnlyDictionary<string, (Func<AlterProblem, AlterException> Make, AlterAction Action)> Rows { get; } =
        new Dictionary<string, (Func<AlterProblem, AlterException>, AlterAction)>
        {
            ["invalid_request"] = (problem => new AlterValueException(problem), AlterAction.FixCall),
            ["url_not_allowed"] = (problem => new AlterValueException(problem), AlterAction.FixCall),
            ["method_not_allowed"] = (problem => new AlterValueException(problem), AlterAction.FixCall),
            ["request_too_large"] = (problem => new AlterValueException(problem), AlterAction.FixCall),
            ["not_found"] = (problem => new BackendException(problem), AlterAction.FixCall),
            ["invalid_api_key"] = (problem => new InvalidKeyException(problem), AlterAction.FixConfiguration),
            ["invalid_user_token"] = (problem => new InvalidUserTokenException(problem), AlterAction.FixCall),
            ["insufficient_scope"] = (problem => new InsufficientScopeException(problem), AlterAction.FixConfiguration),
            ["policy_violation"] = (problem => new PolicyViolationException(problem), AlterAction.None),
            ["scope_reauth_required"] = (problem => new ScopeReauthRequiredException(problem), AlterAction.Connect),
            ["grant_expired"] = (problem => new GrantExpiredException(problem), AlterAction.Connect),
            ["grant_revoked"] = (problem => new GrantRevokedException(problem), AlterAction.Connect),
            ["credential_revoked"] = (problem => new CredentialRevokedException(problem), AlterAction.Connect),
            ["key_unavailable"] = (problem => new KeyUnavailableException(problem), AlterAction.Connect),
            ["grant_not_found"] = (problem => new GrantNotFoundException(problem), AlterAction.Connect),
            ["ambiguous_grant"] = (problem => new AmbiguousGrantException(problem), AlterAction.ChooseAccount),
            ["token_refresh_in_progress"] = (problem => new TokenRefreshInProgressException(problem), AlterAction.Retry),
            ["connect_session_expired"] = (problem => new ConnectSessionException(problem), AlterAction.Connect),
            ["connect_session_used"] = (problem => new ConnectSessionException(problem), AlterAction.Connect),
            ["wallet_session_expired"] = (problem => new BackendException(problem), AlterAction.None),
            ["connect_denied"] = (problem => new ConnectDeniedException(problem), AlterAction.Connect),
            ["user_mismatch"] = (problem => new ConnectFlowException(problem), AlterAction.Connect),
            ["connect_flow_invalid"] = (problem => new ConnectFlowException(problem), AlterAction.Connect),
            ["connect_timeout"] = (problem => new ConnectTimeoutException(problem), AlterAction.Connect),
            ["connect_config"] = (problem => new ConnectConfigException(problem), AlterAction.FixConfiguration),
            ["provider_unreachable"] = (problem => new ProviderUnreachableException(problem), AlterAction.Retry),
            ["provider_timeout"] = (problem => new ProviderUnreachableException(problem), AlterAction.Retry),
            ["audit_unavailable"] = (problem => new BackendException(problem), AlterAction.Retry),
            ["vault_unavailable"] = (problem => new BackendException(problem), AlterAction.Retry),
            ["integrity_failure"] = (problem => new BackendException(problem), AlterAction.None),
            ["internal_error"] = (problem => new BackendException(problem), AlterAction.None),
        };

    internal static AlterAction ActionOf(string code) => Rows.TryGetValue(code, out var row) ? row.Action : AlterAction.None;

    internal static AlterException Make(AlterProblem problem) => Rows.TryGetValue(problem.Code, out var row) ? row.Make(problem) : new BackendException(problem);

    internal static AlterAction? Parse(string? action) => action switch
    {
        "none" => AlterAction.None,
        "connect" => AlterAction.Connect,
        "choose_account" => AlterAction.ChooseAccount,
        "retry" => AlterAction.Retry,
        "fix_call" => AlterAction.FixCall,
        "fix_configuration" => AlterAction.FixConfiguration,
        _ => null,
    };
}
