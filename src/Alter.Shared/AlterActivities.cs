using System.Diagnostics;

namespace Alter;

/// <summary>The one source of spans, <c>Alter</c>. They say which app, which provider, which host and which status; never a path, a query, a user or a token.</summary>
public static class AlterActivities
{
    public const string Name = "Alter";

    internal static ActivitySource Source { get; } = new(Name);
}
