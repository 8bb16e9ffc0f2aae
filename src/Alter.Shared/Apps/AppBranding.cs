namespace Alter.Apps;

/// <summary>How an app looks on the Connect page.</summary>
/// <param name="Logo">Null: the initials of its name stand there.</param>
/// <param name="Accent">The colour of what can be pressed; null: the vault's own.</param>
public sealed record AppBranding(AppLogo? Logo, Color? Accent);

/// <summary>An app's logo as it is served.</summary>
/// <param name="Content">At most 64 KiB.</param>
/// <param name="ContentType"><c>image/svg+xml</c> or <c>image/png</c>.</param>
public sealed record AppLogo(byte[] Content, string ContentType);

/// <summary>Where the vault serves what an app or a provider looks like; paths on its public origin.</summary>
public static class AssetPaths
{
    /// <summary>The app's logo, where it has one.</summary>
    public static string AppLogo(string app) => $"/sdk/oauth/assets/apps/{app}/logo";

    /// <summary>The mark of one of the app's providers; each has one.</summary>
    public static string ProviderLogo(string app, string provider) => $"/sdk/oauth/assets/apps/{app}/providers/{provider}/logo";
}
