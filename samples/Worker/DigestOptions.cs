namespace Samples.Worker;

/// <summary>What the worker does, and how often.</summary>
public sealed record DigestOptions
{
    /// <summary>From one round to the next.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The file of grants; in a product, a table.</summary>
    public string Grants { get; init; } = "grants.json";

    /// <summary>Where the calendar lives.</summary>
    public Uri Calendar { get; init; } = new("http://localhost:7074/");
}
