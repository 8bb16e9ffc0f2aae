namespace Quickstart.Story;

/// <summary>A running product to play the story in. Its calendar and identity provider run with <c>DEMO_CONTROLS=1</c>.</summary>
public sealed record StoryPlace
{
    /// <summary>The vault's public URL.</summary>
    public required Uri Vault { get; init; }

    /// <summary>The shop, whose origin sessions are minted for.</summary>
    public required Uri Shop { get; init; }

    /// <summary>Where people sign in.</summary>
    public required Uri IdentityProvider { get; init; }

    /// <summary>Whose accounts are connected.</summary>
    public required Uri Calendar { get; init; }

    /// <summary>The shop's key at the vault.</summary>
    public required string AppKey { get; init; }

    /// <summary>How long the calendar's access tokens live; the story waits that long once.</summary>
    public required TimeSpan AccessTokenLifetime { get; init; }

    /// <summary>It holds a key: it never prints.</summary>
    public override string ToString() => "[story place]";
}
