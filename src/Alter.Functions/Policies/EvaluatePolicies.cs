using System.Globalization;
using System.Net;
using Alter.Apps;
using Alter.Forwarding;
using Alter.Functions.Http;
using Alter.Policies;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Policies;

/// <summary><c>POST /sdk/policies/evaluate</c>: what every policy would say to a call, without making or counting it.</summary>
public sealed class EvaluatePolicies(CallerAuthentication callers, CallEvaluation evaluation, ConfigurationSource configuration, TimeProvider time)
{
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    // Zones' rules are known for these years, and nothing overflows.
    private static readonly (int First, int Last) Years = (2000, 2100);

    [Function(nameof(EvaluatePolicies))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sdk/policies/evaluate")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        if (!callers.Identify(request, AppKeyScopes.ProxyExecute).Succeeded(out var caller, out var refusal)
            || !(await StrictBody.ReadJsonAsync<EvaluatePoliciesRequest>(request, StrictBody.BackendLimit, cancellationToken)).Succeeded(out var body, out refusal))
        {
            return Problems.From(refusal);
        }

        if (Errors(body) is { Count: > 0 } errors)
        {
            return Problems.From(new InvalidRequest("The call cannot be evaluated as described; errors names each member.", errors));
        }

        if (!ProviderCall.ReadTarget(caller.App, body.Url).Succeeded(out var target, out refusal)
            || !(await callers.IdentifyOwnerAsync(caller, request, body.GrantId is not null, cancellationToken)).Succeeded(out var scope, out refusal))
        {
            return Problems.From(refusal);
        }

        var call = new IncomingCall
        {
            App = caller.App,
            Key = caller.Key,
            Owner = scope.Owner,
            Groups = scope.Groups,
            CallerAddress = AddressOf(body, request),
            Method = body.Method,
            Target = target,
            ProviderId = body.Provider,
            GrantIdText = body.GrantId,
            AccountText = body.Account,
        };
        return (await evaluation.EvaluateAsync(call, (body.At ?? time.GetUtcNow()).ToUniversalTime(), cancellationToken)).Succeeded(out var evaluated, out refusal)
            ? Results.Json(evaluated, WireJson.Write)
            : Problems.From(refusal);
    }

    // Without the document's rule no call has an address, so a supposed one must not allow what a real call would be refused.
    private IPAddress? AddressOf(EvaluatePoliciesRequest body, HttpRequest request) =>
        configuration.Current?.CallerAddress is null ? null
        : body.CallerAddress is null ? CallerAddresses.Of(request.HttpContext)
        : AddressRange.ParseAddress(body.CallerAddress) is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4()
        : AddressRange.ParseAddress(body.CallerAddress);

    private static Dictionary<string, string[]> Errors(EvaluatePoliciesRequest body)
    {
        var errors = new Dictionary<string, string[]>();
        if ((body.Provider is null) == (body.GrantId is null))
        {
            errors["provider"] = ["Exactly one of provider and grant_id must be there."];
        }

        if (body.Account is not null && body.Provider is null)
        {
            errors["account"] = ["It narrows a provider's grants; with grant_id it says nothing."];
        }

        if (!Methods.Contains(body.Method))
        {
            errors["method"] = [$"One of {string.Join(", ", Methods)}."];
        }

        if (body.At is { } at && (at.UtcDateTime.Year < Years.First || at.UtcDateTime.Year > Years.Last))
        {
            errors["at"] = [string.Create(CultureInfo.InvariantCulture, $"An instant of the years {Years.First} to {Years.Last}.")];
        }

        if (body.CallerAddress is not null && AddressRange.ParseAddress(body.CallerAddress) is null)
        {
            errors["caller_address"] = ["An IPv4 or IPv6 address, without port and brackets."];
        }

        return errors;
    }
}

/// <summary>The body of <c>POST /sdk/policies/evaluate</c>: a call that is not made.</summary>
public sealed record EvaluatePoliciesRequest
{
    /// <summary>As <c>X-Alter-Provider</c>; exactly one of this and <see cref="GrantId"/>.</summary>
    public string? Provider { get; init; }

    /// <summary>As <c>X-Alter-Grant-Id</c>.</summary>
    public string? GrantId { get; init; }

    /// <summary>As <c>X-Alter-Account</c>.</summary>
    public string? Account { get; init; }

    /// <summary>The HTTP method, in capitals.</summary>
    public required string Method { get; init; }

    /// <summary>As <c>X-Alter-Url</c>.</summary>
    public required string Url { get; init; }

    /// <summary>When; omitted: now.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>From where; omitted: from where this request came.</summary>
    public string? CallerAddress { get; init; }

    /// <summary>URLs carry personal data: it never prints.</summary>
    public override string ToString() => "[evaluate request]";
}
