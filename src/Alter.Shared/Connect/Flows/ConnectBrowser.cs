namespace Alter.Connect;

/// <summary>What a browser brings to Connect: its cookies.</summary>
/// <param name="FlowCookie">The value of <see cref="Connect.FlowCookie"/>; null where it has none.</param>
/// <param name="UserCookie">The value of a sealed cookie by name; see <see cref="UserCookies"/>.</param>
public sealed record ConnectBrowser(string? FlowCookie, Func<string, string?>? UserCookie = null)
{
    /// <summary>A browser that was never here.</summary>
    public static ConnectBrowser New { get; } = new(FlowCookie: null);

    /// <summary>The hash of its flow cookie; null where it has none of ours.</summary>
    public string? Hash => Connect.FlowCookie.Hash(FlowCookie);

    /// <summary>Whether it is the browser whose hash was noted.</summary>
    public bool Is(string hash) => Connect.FlowCookie.Matches(Hash, hash);

    /// <summary>Cookies are secrets: they never print.</summary>
    public override string ToString() => "[browser]";
}
