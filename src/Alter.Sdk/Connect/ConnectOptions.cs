namespace Alter.Sdk;

/// <summary>How <see cref="AlterApp.ConnectAsync"/> lets a person connect accounts from a program without a web page: a console, a notebook, a desktop app.</summary>
public sealed record ConnectOptions
{
    /// <summary>Provider ids; null: all the app has.</summary>
    public IReadOnlyList<string>? Providers { get; init; }

    /// <summary>Per provider, the scopes to ask for.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? RequiredScopes { get; init; }

    /// <summary>How long the grants live.</summary>
    public GrantPolicy? GrantPolicy { get; init; }

    /// <summary>The user's JWT, instead of the ambient one.</summary>
    public string? UserToken { get; init; }

    /// <summary>How long to wait for the person; five minutes unless set.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>How often to ask; two seconds unless set.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether to open the person's browser; false in containers.</summary>
    public bool OpenBrowser { get; init; } = true;

    /// <summary>Shows the person the URL; null: standard error. The URL lets whoever has it connect an account for this user.</summary>
    public Func<Uri, CancellationToken, Task>? ShowUrl { get; init; }

    /// <summary>A label: it may hold a JWT.</summary>
    public override string ToString() => "[connect options]";
}
