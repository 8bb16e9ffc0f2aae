using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Alter.Sdk;

/// <summary>The vault's own endpoints, those that answer JSON.</summary>
internal sealed class VaultEndpoints(AlterOptions options, VaultExchange exchange, UserTokens tokens, HttpMessageInvoker wire)
{
    internal async Task<ConnectSession> CreateConnectSessionAsync(ConnectSessionRequest request, CancellationToken cancellationToken)
    {
        // In the header alone: the vault refuses two that differ.
        var token = await tokens.ForCallAsync(request.UserToken, isOptional: false, cancellationToken).ConfigureAwait(false);
        var body = JsonContent.Create(request with { UserToken = null }, WireJson.Default.ConnectSessionRequest);
        return await SendAsync(HttpMethod.Post, "/sdk/oauth/connect/session", body, token, withKey: true, WireJson.Default.ConnectSession, cancellationToken).ConfigureAwait(false);
    }

    internal async Task<IReadOnlyList<Grant>> CompleteConnectAsync(string completionCode, string? userToken, CancellationToken cancellationToken)
    {
        var token = await tokens.ForCallAsync(userToken, isOptional: false, cancellationToken).ConfigureAwait(false);
        var body = JsonContent.Create(new CompleteBody(completionCode), WireJson.Default.CompleteBody);
        var answer = await SendAsync(HttpMethod.Post, "/sdk/oauth/connect/complete", body, token, withKey: true, WireJson.Default.CompleteAnswer, cancellationToken).ConfigureAwait(false);
        return answer.Grants ?? [];
    }

    internal async Task<GrantPage> ListGrantsAsync(GrantFilter filter, string? cursor, CancellationToken cancellationToken)
    {
        var token = await tokens.ForCallAsync(filter.UserToken, isOptional: false, cancellationToken).ConfigureAwait(false);
        return await SendAsync(HttpMethod.Get, "/sdk/grants" + filter.ToQuery(cursor), null, token, withKey: true, WireJson.Default.GrantPage, cancellationToken).ConfigureAwait(false);
    }

    // Not the current request's token: it would narrow what was asked for the whole app.
    internal Task<AuditPage> ListAuditAsync(AuditFilter filter, string? cursor, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, "/sdk/audit" + filter.ToQuery(cursor), null, filter.UserToken, withKey: true, WireJson.Default.AuditPage, cancellationToken);

    internal async Task<Revocation> RevokeGrantAsync(Guid grantId, string? reason, CancellationToken cancellationToken)
    {
        var token = await tokens.ForCallAsync(null, isOptional: true, cancellationToken).ConfigureAwait(false);
        var body = reason is not null ? JsonContent.Create(new RevokeBody(reason), WireJson.Default.RevokeBody) : null;
        return await SendAsync(HttpMethod.Delete, $"/sdk/grants/{grantId:D}", body, token, withKey: true, WireJson.Default.Revocation, cancellationToken).ConfigureAwait(false);
    }

    internal async Task<PolicyEvaluation> EvaluatePoliciesAsync(HypotheticalCall call, GrantSelector grant, CancellationToken cancellationToken)
    {
        var token = await tokens.ForCallAsync(call.UserToken, isOptional: grant.GrantId is not null, cancellationToken).ConfigureAwait(false);
        var body = JsonContent.Create(
            new EvaluateBody(grant.ProviderId, grant.GrantId, grant.Account, call.Method.Method, call.Url, call.At, call.CallerAddress), WireJson.Default.EvaluateBody);
        var answer = await SendAsync(HttpMethod.Post, "/sdk/policies/evaluate", body, token, withKey: true, WireJson.Default.EvaluateAnswer, cancellationToken).ConfigureAwait(false);
        return new PolicyEvaluation
        {
            // A verdict this version cannot read is none that allows.
            Allowed = answer.Allowed && answer.Verdicts is not null && answer.Verdicts.All(verdict => verdict is { Allowed: true }),
            Provider = answer.Provider ?? "",
            GrantId = answer.GrantId,
            At = answer.At,
            CallerAddress = answer.CallerAddress,
            Verdicts = [.. (answer.Verdicts ?? []).OfType<VerdictAnswer>().Select(verdict => new PolicyVerdict
            {
                Policy = verdict.Policy ?? "",
                Kind = verdict.Kind ?? "",
                Scope = verdict.Scope,
                Allowed = verdict.Allowed,
                Rule = verdict.Rule,
                Message = verdict.Message,
                RetryAfter = verdict.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            })],
        };
    }

    internal async Task<VerifiedUser?> VerifyUserTokenAsync(string userToken, CancellationToken cancellationToken)
    {
        try
        {
            var body = JsonContent.Create(new VerifyBody(userToken), WireJson.Default.VerifyBody);
            return await SendAsync(HttpMethod.Post, "/sdk/users/verify", body, null, withKey: true, WireJson.Default.VerifiedUser, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidUserTokenException)
        {
            return null; // The question was whether it is valid.
        }
    }

    /// <summary>For endpoints whose caller is known by the body, so that the key stays here.</summary>
    internal Task<T> PostAsync<T>(string path, HttpContent body, JsonTypeInfo<T> answer, CancellationToken cancellationToken)
        where T : class => SendAsync(HttpMethod.Post, path, body, null, withKey: false, answer, cancellationToken);

    private async Task<T> SendAsync<T>(
        HttpMethod method, string path, HttpContent? body, string? userToken, bool withKey, JsonTypeInfo<T> answer, CancellationToken cancellationToken)
        where T : class
    {
        using var content = body;
        using var response = await exchange.SendAsync(wire.SendAsync, Compose, null, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw Unexpected();
        }

        try
        {
            return await response.Content.ReadFromJsonAsync(answer, cancellationToken).ConfigureAwait(false) ?? throw Unexpected();
        }
        catch (JsonException)
        {
            throw Unexpected();
        }

        HttpRequestMessage Compose(Action<bool> sending)
        {
            var request = new HttpRequestMessage(method, options.Endpoint(path));
            if (body is not null)
            {
                request.Content = new OutgoingContent(body, chunked: false, sending);
            }

            if (withKey)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);
            }

            if (userToken is not null)
            {
                request.Headers.TryAddWithoutValidation(WireHeaders.UserToken, userToken);
            }

            return request;
        }

        BackendException Unexpected() => BackendException.Unexpected(response.StatusCode, WireHeaders.Read(response, WireHeaders.RequestId));
    }
}
