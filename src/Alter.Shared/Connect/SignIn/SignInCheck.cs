using Alter.Apps;
using Alter.Identity;
using Alter.Providers;

namespace Alter.Connect;

/// <summary>Whether people can be signed in at an app's OpenID providers, asked before the first of them clicks.</summary>
public sealed class SignInCheck(ProviderDiscovery discovery)
{
    /// <summary>Each issuer with a <c>sign_in</c> client, and why nobody could be signed in there; null where they can.</summary>
    public async Task<IReadOnlyList<(string Issuer, string? Fault)>> RunAsync(AppConfiguration app, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(app);
        var found = new List<(string Issuer, string? Fault)>();
        foreach (var issuer in ConcreteIssuer.Of(app))
        {
            var place = new SignInPlace(issuer.Provider.Id, issuer.Issuer);
            if (SignInProvider.Of(app, place) is { } signIn)
            {
                var outcome = await discovery.ResolveAsync(signIn.Client.Definition, cancellationToken);
                found.Add((issuer.Issuer, outcome.Succeeded(out var endpoints, out var refusal) ? SignInProvider.PairwiseFault(app, place, endpoints) : refusal.Detail));
            }
        }

        return found;
    }
}
