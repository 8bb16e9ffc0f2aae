using System.Diagnostics.CodeAnalysis;
using Alter.Egress;

namespace Alter.Providers;

/// <summary>Where a provider's endpoints are: in its definition, else in the metadata of its issuer.</summary>
/// <remarks>
/// Who writes the metadata decides where the client secret and the tokens go. So metadata may name endpoints on the issuer's own host or below it, and nowhere
/// else: no list of registrable domains is at hand, and a guess by counting labels would take all of co.uk for one company. An endpoint elsewhere is possible
/// where the operator writes it into the definition, which beats the metadata. The authorization endpoint and the keys carry no secret of ours and may lie anywhere.
/// </remarks>
public sealed class ProviderDiscovery(EgressClient egress, TimeProvider time)
{
    private readonly MetadataSource source = new(egress, time);

    /// <summary>The endpoints, or <see cref="ConnectConfig"/>.</summary>
    /// <remarks>One call to the issuer an hour, shared by all who wait; while it cannot be asked its last good answer serves for a day.</remarks>
    public async Task<Outcome<ProviderEndpoints>> ResolveAsync(ProviderDefinition definition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(definition);
        if (definition is { IsDiscovered: false, AuthorizationEndpoint: { } authorization, TokenEndpoint: { } token })
        {
            return new ProviderEndpoints(
                definition.Issuer,
                authorization,
                token,
                definition.RevocationEndpoint,
                definition.UserinfoEndpoint,
                definition.JwksUri,
                definition.AuthorizationResponseIssParameterSupported);
        }

        if (definition.Issuer is not { } issuer)
        {
            return new ConnectConfig("The provider's definition names neither endpoints nor an issuer.", definition.Id);
        }

        var scope = definition.AllowInsecureLocal ? EgressScope.LoopbackToo : EgressScope.Public;
        var (metadata, fault) = await source.GetAsync(issuer, scope, cancellationToken);
        return metadata is null
            ? new ConnectConfig($"The endpoints of {definition.Name} could not be discovered. {fault}", definition.Id)
            : Join(definition, issuer, metadata);
    }

    private static Outcome<ProviderEndpoints> Join(ProviderDefinition definition, string issuer, ProviderMetadata metadata)
    {
        var host = new Uri(issuer).Host;
        string? wrong = null;
        var authorization = definition.AuthorizationEndpoint ?? Endpoint("authorization_endpoint", metadata.Authorization, null);
        var token = definition.TokenEndpoint ?? Endpoint("token_endpoint", metadata.Token, host);
        var revocation = definition.RevocationEndpoint ?? (definition.Revocation is RevocationKind.None ? null : Endpoint("revocation_endpoint", metadata.Revocation, host));
        var userinfo = definition.UserinfoEndpoint ?? Endpoint("userinfo_endpoint", metadata.Userinfo, host);
        var jwks = definition.JwksUri ?? Endpoint("jwks_uri", metadata.Jwks, null);
        if (wrong is not null)
        {
            return new ConnectConfig(
                $"The metadata of {definition.Name} names a {wrong} that is no https URL on the issuer's host {host}. If it is right, write {wrong} into the definition.", definition.Id);
        }

        if (authorization is null || token is null)
        {
            return new ConnectConfig($"The metadata of {definition.Name} names no authorization_endpoint or no token_endpoint.", definition.Id);
        }

        var sendsIss = metadata.SendsIss || definition.AuthorizationResponseIssParameterSupported;
        return new ProviderEndpoints(issuer, authorization, token, revocation, userinfo, jwks, sendsIss) { HasPairwiseSubjectsOnly = metadata.HasPairwiseSubjectsOnly };

        Uri? Endpoint(string name, string? text, string? requiredHost)
        {
            if (text is null)
            {
                return null;
            }

            if (TryRead(text, definition.AllowInsecureLocal, out var url) && (requiredHost is null || IsAtOrBelow(url.Host, requiredHost)))
            {
                return url;
            }

            wrong ??= name;
            return null;
        }
    }

    private static bool TryRead(string text, bool allowLocal, [NotNullWhen(true)] out Uri? url) =>
        Uri.TryCreate(text, UriKind.Absolute, out url)
        && text.Length <= 2048
        && text.All(c => c is > ' ' and < '\x7f' and not '\\' and not '#')
        && url.UserInfo.Length == 0
        && Loopback.IsHttpsOrLocal(url, allowLocal);

    private static bool IsAtOrBelow(string host, string parent) =>
        string.Equals(host, parent, StringComparison.Ordinal) || host.EndsWith("." + parent, StringComparison.Ordinal);
}
