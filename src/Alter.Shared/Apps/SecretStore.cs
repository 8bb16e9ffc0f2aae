using System.Collections.Concurrent;
using Alter.Keys;
using Azure;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Extensions.Configuration;

namespace Alter.Apps;

/// <summary>The secrets the document names: settings first, then Key Vault.</summary>
/// <param name="configuration">Settings and environment, where <c>shop-google</c> is <c>ALTER_SECRET_SHOP_GOOGLE</c>.</param>
/// <param name="keyVault">Null where there is none, as locally.</param>
/// <param name="time">The clock.</param>
public sealed class SecretStore(IConfiguration configuration, SecretClient? keyVault, TimeProvider time)
{
    /// <summary>A secret that was replaced is used that long at most.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromMinutes(5);

    /// <summary>What failed, or was read afresh, is not asked for again so soon: a provider that refuses a secret forever must not drive calls to Key Vault.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <summary>A read serves many callers, so it has a time of its own instead of one caller's.</summary>
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);

    /// <summary>The secret, at most five minutes old, or <see cref="SecretUnavailable"/>.</summary>
    public Task<Outcome<string>> GetAsync(string name, CancellationToken cancellationToken) => GetAsync(name, Freshness, cancellationToken);

    /// <summary>The secret read again, for a provider that refused the one in use; at most once in ten seconds.</summary>
    public Task<Outcome<string>> GetFreshAsync(string name, CancellationToken cancellationToken) => GetAsync(name, Pause, cancellationToken);

    /// <summary>The setting a secret is looked up under first.</summary>
    public static string SettingOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return "ALTER_SECRET_" + name.ToUpperInvariant().Replace('-', '_');
    }

    private Task<Outcome<string>> GetAsync(string name, TimeSpan maxAge, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!Forms.SecretName().IsMatch(name))
        {
            return Task.FromResult<Outcome<string>>(new SecretUnavailable("The document names a secret by a name that is none.", "(unreadable name)"));
        }

        var now = time.GetUtcNow();
        var entry = entries.AddOrUpdate(name, _ => new Entry(this, name, now), (_, known) => known.IsUsable(now, maxAge) ? known : new Entry(this, name, now));

        // Lazy: of the entries that racers make, only the one that won ever reads.
        return entry.Value.WaitAsync(cancellationToken);
    }

    private async Task<Outcome<string>> ReadAsync(string name)
    {
        if (configuration[SettingOf(name)] is { Length: > 0 } setting)
        {
            return Judge(name, setting, $"setting {SettingOf(name)}");
        }

        if (keyVault is null)
        {
            return new SecretUnavailable($"Setting {SettingOf(name)} is not there, and no Key Vault is configured (ALTER_SECRETS_VAULT_URI).", name);
        }

        using var deadline = new CancellationTokenSource(ReadTimeout, time);
        try
        {
            var secret = await keyVault.GetSecretAsync(name, cancellationToken: deadline.Token);
            return Judge(name, secret.Value.Value, "Key Vault secret");
        }
        catch (RequestFailedException e) when (e.Status is not 0)
        {
            if (e.Status is not 404)
            {
                KeyMetrics.CountFailure(KeyMetrics.Secrets); // A secret that is not there is the document's fault, not Key Vault's.
            }

            var what = e.Status switch
            {
                401 or 403 => $"No right to read it in Key Vault ({e.Status}); role assignments can take 10 minutes.",
                404 => "Key Vault has no secret of this name (404).",
                _ => $"Key Vault answered {e.Status}.",
            };
            return new SecretUnavailable($"{what} Setting {SettingOf(name)} is not there either.", name);
        }
        catch (Exception e) when (e is RequestFailedException or OperationCanceledException or Azure.Identity.AuthenticationFailedException or AggregateException)
        {
            KeyMetrics.CountFailure(KeyMetrics.Secrets);
            return new SecretUnavailable($"Key Vault could not be asked ({e.GetType().Name}).", name);
        }
    }

    private static Outcome<string> Judge(string name, string value, string origin)
    {
        if (value.StartsWith("@Microsoft.KeyVault(", StringComparison.OrdinalIgnoreCase))
        {
            // App Service leaves the reference itself in place where it cannot resolve it. It must not go to a provider.
            return new SecretUnavailable($"The {origin} holds a Key Vault reference that the platform did not resolve.", name);
        }

        // RFC 6749 A.2: client-secret = *VSCHAR, %x20-7E. A line break comes from `echo` or a file and never fits.
        return value.Length is > 0 and <= 4096 && value.All(c => c is >= ' ' and <= '~')
            ? value
            : new SecretUnavailable($"The {origin} is empty or has characters no client secret has, such as a line break at its end.", name);
    }

    private sealed class Entry(SecretStore store, string name, DateTimeOffset readAt)
    {
        private readonly Lazy<Task<Outcome<string>>> read = new(() => Task.Run(() => store.ReadAsync(name)));

        public Task<Outcome<string>> Value => read.Value;

        public bool IsUsable(DateTimeOffset now, TimeSpan maxAge)
        {
            if (!read.IsValueCreated || !read.Value.IsCompleted)
            {
                return true; // Under way: join it.
            }

            return now - readAt < (IsSecret() ? maxAge : Pause);
        }

        private bool IsSecret() => read.Value.IsCompletedSuccessfully && read.Value.GetAwaiter().GetResult().Succeeded(out _, out _);
    }
}

/// <summary>A secret the document names cannot be had.</summary>
/// <param name="Detail">Where it was looked for.</param>
/// <param name="Name">Its name.</param>
public sealed record SecretUnavailable(string Detail, string Name) : Refusal(Detail);
