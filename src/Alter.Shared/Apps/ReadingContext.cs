using Alter.Providers;

namespace Alter.Apps;

/// <summary>What every part of the document is read with.</summary>
/// <param name="IsDevelopment">http on this machine may be an origin.</param>
/// <param name="AllowsLocal">Local keys and <c>allow_insecure_local</c> may be used.</param>
/// <param name="Catalog">The providers known without a definition.</param>
/// <param name="Folder">The document's folder, where the files it names lie; null: they are not looked at.</param>
/// <param name="Mistakes">The one list.</param>
internal sealed record ReadingContext(bool IsDevelopment, bool AllowsLocal, ProviderCatalog Catalog, string? Folder, List<ConfigurationMistake> Mistakes)
{
    /// <summary>The vault is moving: there is an origin that providers may still lead back to.</summary>
    public bool HasFormerPublicUrl { get; init; }

    /// <summary>The members of an object whose names are ids. An entry that is no object is there as null, with its mistake noted.</summary>
    public static IEnumerable<(string Id, StrictObject? Entry)> Named(StrictObject? members, string example)
    {
        foreach (var name in members?.Names ?? [])
        {
            var entry = members!.Object(name, example);
            if (Forms.Id().IsMatch(name))
            {
                yield return (name, entry);
            }
            else
            {
                // Lower case only, so ids are unique without regard to case.
                members.Add(name, $"An id must be {Forms.IdWords}.", example);
            }
        }
    }
}

/// <summary>What the reader keeps of an app beside its configuration, for the rules between apps.</summary>
internal sealed record ReadApp(AppConfiguration Configuration, string Path, bool SharedAudience, IReadOnlyList<string> KeyPaths, IReadOnlyList<ReadProvider> Providers, IReadOnlyList<string> Suspensions);

/// <summary>What the reader keeps of an app's provider.</summary>
internal sealed record ReadProvider(AppProvider Provider, string Path, bool SharedClient);
