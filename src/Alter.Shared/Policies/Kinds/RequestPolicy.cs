namespace Alter.Policies;

/// <summary>Allows some methods on some paths of a provider.</summary>
/// <remarks>
/// It sees exactly what is sent. A path that a provider might read as another one is denied as soon as paths matter: where paths are listed, and where the
/// provider has paths that carry other calls inside. Those are always denied, because what is inside is not seen (security A18, A19).
/// </remarks>
/// <param name="Name">The operator's name for it.</param>
/// <param name="Methods">Null: any. GET does not imply HEAD.</param>
/// <param name="Paths">One must match; null: any.</param>
public sealed record RequestPolicy(string Name, IReadOnlySet<string>? Methods, IReadOnlyList<PathPattern>? Paths) : IPolicy
{
    public string Kind => "request";

    public string Rule { get; } = $"{(Methods is null ? "any method" : string.Join(' ', Methods))} on {(Paths is null ? "any path" : ShortList.Of(Paths.Select(path => path.ToString())))}";

    public Denial? Judge(CallFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (Methods is not null && !Methods.Contains(facts.Method))
        {
            return new Denial($"{facts.Method} is not allowed, only {string.Join(", ", Methods)}.");
        }

        var sent = SentPath.Of(facts.PathAndQuery);
        if (Methods is not null && sent.MethodOverride is { } name)
        {
            return new Denial($"The query has {name}, by which some providers take another method than the one that is sent.");
        }

        if ((Paths is not null || facts.BatchPaths.Count > 0) && sent.Ambiguity is { } ambiguity)
        {
            return new Denial($"A provider might read the path as another one: {ambiguity}. Such paths are denied where a policy has to do with paths.");
        }

        if (facts.BatchPaths.Any(sent.IsAtOrBelow))
        {
            return new Denial("This path of the provider carries other calls inside, which no policy sees; it is denied where methods or paths are limited.");
        }

        return Paths is null || Paths.Any(pattern => pattern.Matches(sent.Text)) ? null : new Denial("None of the allowed paths is this one.");
    }
}
