using Alter.Apps;
using Alter.Connect;
using Alter.Egress;
using Alter.Identity;
using Alter.Providers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Alter.Cli.Check;

/// <summary>Whether identity providers and discovered providers can be asked, and spell their issuer as the document does.</summary>
internal sealed class IssuerCheck(EgressClient egress, TimeProvider time, bool isOffline)
{
    private readonly SigningKeys keys = new(egress, time, NullLogger<SigningKeys>.Instance);
    private readonly ProviderDiscovery discovery = new(egress, time);

    public async Task RunAsync(VaultConfiguration vault, Report report, CancellationToken cancellationToken)
    {
        var discovered = vault.Apps.Values.SelectMany(app => app.Providers.Values).Select(provider => provider.Definition).Where(definition => definition.IsDiscovered)
            .DistinctBy(definition => (definition.Id, definition.Issuer)).ToList();
        if (vault.IdentityProviders.Count + discovered.Count == 0)
        {
            return;
        }

        report.Heading("Issuers");
        if (isOffline)
        {
            report.Unknown($"{vault.IdentityProviders.Count + discovered.Count} not asked (--offline)");
            return;
        }

        foreach (var provider in vault.IdentityProviders)
        {
            foreach (var (issuer, fault) in await keys.TryAsync(provider, cancellationToken))
            {
                Say(report, $"{provider.Id}, {issuer}", fault, "signing keys found, issuer equal");
            }
        }

        foreach (var definition in discovered)
        {
            var outcome = await discovery.ResolveAsync(definition, cancellationToken);
            Say(report, $"{definition.Id}, {definition.Issuer}", outcome.Succeeded(out _, out var refusal) ? null : refusal.Detail, "endpoints found, issuer equal");
        }

        var signIns = new SignInCheck(discovery);
        foreach (var app in vault.Apps.Values)
        {
            foreach (var (issuer, fault) in await signIns.RunAsync(app, cancellationToken))
            {
                Say(report, $"sign-in of {app.Id}, {issuer}", fault, "endpoints found, users can be told apart");
            }
        }
    }

    private static void Say(Report report, string name, string? fault, string right)
    {
        if (fault is null)
        {
            report.Right($"{name}: {right}");
        }
        else
        {
            report.Wrong($"{name}: {fault}");
        }
    }
}
