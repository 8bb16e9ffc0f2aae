using System.Net;
using Alter.Egress;

namespace Alter.Providers;

/// <summary>Fetches and keeps the metadata of issuers.</summary>
internal sealed class MetadataSource(EgressClient egress, TimeProvider time)
{
    /// <summary>How long metadata is used without asking again.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromHours(1);

    /// <summary>How long the last good metadata serves while the issuer cannot be asked.</summary>
    public static readonly TimeSpan LastGood = TimeSpan.FromHours(24);

    /// <summary>An issuer that failed is not asked again before.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly Dictionary<(string Issuer, EgressScope Scope), State> states = [];

    /// <summary>The metadata, or why there is none, in words for the operator.</summary>
    public async Task<(ProviderMetadata? Metadata, string Fault)> GetAsync(string issuer, EgressScope scope, CancellationToken cancellationToken)
    {
        State state;
        Task fetching;
        lock (gate)
        {
            // Issuers come from the document alone, so this never grows beyond it.
            if (!states.TryGetValue((issuer, scope), out state!))
            {
                states.Add((issuer, scope), state = new State());
            }

            var now = time.GetUtcNow();
            if (now < state.AskAgainAt)
            {
                return state.Usable(now);
            }

            // One fetch for all who wait, with a time of its own: one caller who hangs up must not fail the others.
            if (state.Fetching is not { IsCompleted: false })
            {
                state.Fetching = Task.Run(() => FetchAsync(issuer, scope, state), CancellationToken.None);
            }

            fetching = state.Fetching;
        }

        await fetching.WaitAsync(cancellationToken);
        lock (gate)
        {
            return state.Usable(time.GetUtcNow());
        }
    }

    private async Task FetchAsync(string issuer, EgressScope scope, State state)
    {
        var (metadata, fault) = await FetchAsync(issuer, scope);
        lock (gate)
        {
            var now = time.GetUtcNow();
            state.Fault = fault;
            state.AskAgainAt = now + (metadata is null ? Pause : Freshness);
            if (metadata is not null)
            {
                state.Metadata = metadata;
                state.ReadAt = now;
            }
        }
    }

    private async Task<(ProviderMetadata? Metadata, string Fault)> FetchAsync(string issuer, EgressScope scope)
    {
        var fault = "";
        foreach (var url in Places(issuer))
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, url);
                var answer = await egress.SendAsync(request, scope, FetchTimeout, CancellationToken.None);
                if (answer.Status is not (int)HttpStatusCode.OK || ProviderMetadata.Parse(answer.Body) is not { } metadata)
                {
                    fault = $"{url} answers {answer.Status} and no metadata document.";
                    continue;
                }

                // RFC 8414 §3.3: identical to the issuer asked, else the document must not be used.
                if (string.Equals(metadata.Issuer, issuer, StringComparison.Ordinal))
                {
                    return (metadata, "");
                }

                return (null, string.Equals(metadata.Issuer?.TrimEnd('/'), issuer.TrimEnd('/'), StringComparison.Ordinal)
                    ? "The issuer's own document spells it with another slash at the end; spell it like that."
                    : "The metadata document names another issuer.");
            }
            catch (EgressException e)
            {
                return (null, e.Message); // The other place lies on the same host.
            }
        }

        return (null, fault);
    }

    /// <summary>OpenID Connect Discovery §4 appends to the issuer, RFC 8414 §3.1 puts the well-known part before its path.</summary>
    private static IEnumerable<Uri> Places(string issuer)
    {
        var url = new Uri(issuer);
        yield return new Uri(issuer.TrimEnd('/') + "/.well-known/openid-configuration");
        yield return new Uri(url.GetLeftPart(UriPartial.Authority) + "/.well-known/oauth-authorization-server" + url.AbsolutePath.TrimEnd('/'));
    }

    private sealed class State
    {
        public ProviderMetadata? Metadata { get; set; }

        public DateTimeOffset ReadAt { get; set; }

        public DateTimeOffset AskAgainAt { get; set; }

        public string Fault { get; set; } = "";

        public Task? Fetching { get; set; }

        public (ProviderMetadata? Metadata, string Fault) Usable(DateTimeOffset now) => (now - ReadAt < LastGood ? Metadata : null, Fault);
    }
}
