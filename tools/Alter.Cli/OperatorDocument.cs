using System.Text.Json;
using Alter.Apps;
using Alter.Providers;
using Microsoft.Extensions.Configuration;

namespace Alter.Cli;

/// <summary>The document as the vault would read it.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Source">What reading it came to.</param>
/// <param name="IsDeployed">Judged as in Azure, where nothing of Development is allowed.</param>
internal sealed record OperatorDocument(string Path, ConfigurationSource Source, bool IsDeployed)
{
    private const string Usual = "http://localhost:7071";

    /// <summary>
    /// Reads it at <paramref name="config"/>, else at the setting <c>ALTER_CONFIG</c>, else <c>alter.json</c> of the checkout. A public URL that is not this
    /// machine's makes it the document of a deployment, for which <c>local.settings.json</c> says nothing but that.
    /// </summary>
    public static OperatorDocument Read(OperatorTools tools, OperatorSettings settings, string? config, string? publicUrl)
    {
        var over = publicUrl ?? Set("ALTER_PUBLIC_URL") ?? Set("ALTER_PUBLIC_ORIGIN"); // The last is the azd environment's.
        var named = settings.Of(IsRemote(over))["ALTER_CONFIG"];
        var path = config is not null ? System.IO.Path.Combine(tools.Folder, config)
            : System.IO.Path.Combine(settings.Root, named is { Length: > 0 } ? named : "alter.json");
        var isDeployed = IsRemote(over ?? PublicUrlOf(path));
        var known = settings.Of(isDeployed);
        var situation = new HostSituation(IsDevelopment: !isDeployed, IsAzure: isDeployed, Usual, over)
        {
            Suspended = known[HostSituation.SuspendedSetting] is { Length: > 0 } suspended ? suspended : null,
            FormerPublicUrlOverride = known[HostSituation.FormerPublicUrlSetting] is { Length: > 0 } former ? former : null,
            RevealingSettings = HostSituation.RevealingIn(name => known[name]),
        };
        return new(path, ConfigurationSource.LoadFile(path, situation), isDeployed);

        string? Set(string name) => settings.All[name] is { Length: > 0 } set ? set : null;
    }

    private static bool IsRemote(string? publicUrl) => Uri.TryCreate(publicUrl, UriKind.Absolute, out var url) && !Loopback.Is(url);

    // Only to know how to read it; what is wrong with the document is the reader's to say.
    private static string? PublicUrlOf(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(path), new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("public_url", out var url) && url.ValueKind is JsonValueKind.String
                ? url.GetString()
                : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
