using Alter.Providers;
using Microsoft.Extensions.Configuration;

namespace Alter.Apps;

/// <summary>Where the vault runs, as far as it decides what a document may say.</summary>
/// <param name="IsDevelopment"><c>AZURE_FUNCTIONS_ENVIRONMENT</c> is <c>Development</c>.</param>
/// <param name="IsAzure">One of the names is set that only the platform sets.</param>
/// <param name="DefaultPublicUrl">The public URL where nobody says one.</param>
/// <param name="PublicUrlOverride"><c>ALTER_PUBLIC_URL</c>: beats the document.</param>
public sealed record HostSituation(bool IsDevelopment, bool IsAzure, string DefaultPublicUrl, string? PublicUrlOverride)
{
    /// <summary>The setting that suspends everything.</summary>
    public const string SuspendedSetting = "ALTER_SUSPENDED";

    /// <summary>The setting that names the origin the vault is moving away from.</summary>
    public const string FormerPublicUrlSetting = "ALTER_FORMER_PUBLIC_URL";

    /// <summary>Not WEBSITE_HOSTNAME: Core Tools sets that one too.</summary>
    private static readonly string[] PlatformNames = ["WEBSITE_INSTANCE_ID", "WEBSITE_SITE_NAME", "WEBSITE_POD_NAME"];

    // With one of these a telemetry library writes whole queries of URLs down, where codes and states are. The host reads the same settings.
    private static readonly string[] RevealingNames =
    [
        "OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION",
        "OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION",
        "DOTNET_SYSTEM_NET_HTTP_DISABLEURIREDACTION",
    ];

    /// <summary><c>ALTER_SUSPENDED</c> as it is set; null: it is not.</summary>
    public string? Suspended { get; init; }

    /// <summary><c>ALTER_FORMER_PUBLIC_URL</c>: beats the document; null: it is not set.</summary>
    public string? FormerPublicUrlOverride { get; init; }

    /// <summary>Names of settings that would put codes and states into telemetry.</summary>
    public IReadOnlyList<string> RevealingSettings { get; init; } = [];

    /// <summary>Reads the situation from the process's environment and settings.</summary>
    public static HostSituation From(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);

        // The environment is asked as well: a configuration built without it must not hide the platform. Even an empty value counts.
        var isAzure = PlatformNames.Any(name => (configuration[name] ?? Environment.GetEnvironmentVariable(name)) is not null);
        var isDevelopment = string.Equals(configuration["AZURE_FUNCTIONS_ENVIRONMENT"], "Development", StringComparison.OrdinalIgnoreCase);
        var platformHost = isAzure ? configuration["WEBSITE_HOSTNAME"] : null;
        var over = configuration["ALTER_PUBLIC_URL"];
        return new HostSituation(
            isDevelopment,
            isAzure,
            string.IsNullOrEmpty(platformHost) ? "http://localhost:7071" : $"https://{platformHost}",
            string.IsNullOrEmpty(over) ? null : over)
        {
            Suspended = configuration[SuspendedSetting] is { Length: > 0 } suspended ? suspended : null,
            FormerPublicUrlOverride = configuration[FormerPublicUrlSetting] is { Length: > 0 } former ? former : null,
            RevealingSettings = RevealingIn(name => configuration[name] ?? Environment.GetEnvironmentVariable(name)),
        };
    }

    /// <summary>Which of the settings that would put codes and states into telemetry are set, to whatever.</summary>
    public static IReadOnlyList<string> RevealingIn(Func<string, string?> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return [.. RevealingNames.Where(name => settings(name) is { Length: > 0 })];
    }

    /// <summary>Whether the switches of Development may be used: a local key, http on this machine.</summary>
    public bool AllowsLocal(Uri publicUrl) => IsDevelopment && !IsAzure && Loopback.Is(publicUrl);
}
