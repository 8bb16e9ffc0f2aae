using Alter.Apps;
using Alter.Policies;

namespace Alter.Cli.Check;

/// <summary>Lists every policy, and says of those that can allow nobody that they do not.</summary>
internal static class PolicyCheck
{
    public static void Run(VaultConfiguration vault, DateTimeOffset now, Report report)
    {
        var places = vault.Apps.Values
            .SelectMany(app => app.Providers.Values.Select(provider => (Place: $"{app.Id} {provider.Definition.Id}", App: app, provider.Policies)).Prepend((Place: app.Id, App: app, app.Policies)))
            .Where(place => place.Policies.Rules.Count + place.Policies.Rates.Count > 0)
            .ToList();
        if (places.Count > 0)
        {
            report.Heading("Policies: all of an app's and of its provider's must allow a call");
        }

        foreach (var (place, app, policies) in places)
        {
            foreach (var rule in policies.Rules)
            {
                var line = $"{place}: {rule.Name} ({rule.Kind}) {rule.Rule}";
                if (WhyNever(rule, app, vault) is { } why)
                {
                    report.Wrong($"{line}. It denies every call: {why}");
                }
                else
                {
                    report.Right(line);
                }
            }

            foreach (var rate in policies.Rates)
            {
                report.Right($"{place}: {rate.Name} ({RatePolicy.Kind}) {rate.Rule}");
            }
        }

        Keys(vault, now, report);
    }

    private static string? WhyNever(IPolicy rule, AppConfiguration app, VaultConfiguration vault) => rule switch
    {
        CallerAddressPolicy when vault.CallerAddress is null => NoAddress,
        GroupsPolicy when app.IdentityProviders.All(provider => provider.GroupsClaim is null) => "none of the app's identity providers has a groups_claim.",
        _ => null,
    };

    private static void Keys(VaultConfiguration vault, DateTimeOffset now, Report report)
    {
        foreach (var (app, key) in vault.Apps.Values.SelectMany(app => app.Keys.Select(key => (app.Id, key))))
        {
            if (key.Addresses is not null && vault.CallerAddress is null)
            {
                report.Wrong($"{app}: key {key.Id} has cidrs and is good from nowhere: {NoAddress}");
            }

            if (key.ExpiresAt <= now)
            {
                report.Noted($"{app}: key {key.Id} has expired.");
            }
            else if (key.IsDeprecated)
            {
                report.Noted($"{app}: key {key.Id} is deprecated; ./alter key usage says whether it is still used.");
            }
        }
    }

    private const string NoAddress = "the document has no caller_address, so no address is known.";
}
