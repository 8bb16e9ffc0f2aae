namespace Alter.Sdk;

/// <summary>Where the vault is and how this app calls it.</summary>
public sealed class AlterOptions
{
    /// <summary>The vault's public URL, such as <c>https://vault.example.com</c>; http on loopback only.</summary>
    public Uri? BaseUrl { get; set; }

    /// <summary>The app key, <c>alter_key_app_…</c>. It belongs into a secret store, never into a file under version control.</summary>
    public string? ApiKey { get; set; }

    /// <summary>What happens to calls of hosts that are not the provider's; <see cref="ForeignHosts.Refuse"/> unless set.</summary>
    public ForeignHosts ForeignHosts { get; set; }

    /// <summary>Names this app's part in the vault's audit, such as <c>nightly-sync</c>; at most 200 characters. <see cref="CallOptions.Caller"/> wins.</summary>
    public string? Caller { get; set; }

    /// <summary>How long an answer may take to begin once the request is sent, 1 to 220 seconds; 120 unless set. The answer's body has no limit.</summary>
    /// <remarks>Azure ends calls that are silent for 230 seconds.</remarks>
    public TimeSpan HeaderTimeout { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>The JWT of the user on whose behalf a call is made, asked for at every call; null where there is no user. Left unset, the app has no users.</summary>
    public Func<CancellationToken, ValueTask<string?>>? UserToken { get; set; }

    /// <summary>The clock of retries and timeouts.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>What reading the configuration found.</summary>
    internal List<string> Mistakes { get; } = [];

    /// <summary>A path of the vault, below whatever path the base URL has.</summary>
    internal Uri Endpoint(string path) => new(BaseUrl!.AbsoluteUri.TrimEnd('/') + path);
}

/// <summary>What happens to a call of a host that the vault does not allow for the provider.</summary>
public enum ForeignHosts
{
    /// <summary>It is refused: <see cref="AlterValueException"/>, <c>url_not_allowed</c>.</summary>
    Refuse,

    /// <summary>
    /// It goes out directly, with neither user token, app key nor the provider's token: for the pre-signed download and upload URLs some providers hand out.
    /// Your process then calls whatever https URL the provider names.
    /// </summary>
    SendWithoutCredentials,
}
