using Alter.Keys;

namespace Alter.Testing;

/// <summary>Key versions in memory, the last one current.</summary>
public sealed class FakeKeySource(params KeyEncryptionKey[] keys) : IKeySource
{
    /// <summary>In the order they were made.</summary>
    public List<KeyEncryptionKey> Versions { get; } = [.. keys];

    /// <summary>True: it does not answer.</summary>
    public bool IsDown { get; set; }

    public Task<KeyEncryptionKey> ReadCurrentAsync(CancellationToken cancellationToken) =>
        IsDown ? Task.FromException<KeyEncryptionKey>(new KeySourceException("The keys do not answer.")) : Task.FromResult(Versions[^1]);

    public Task<KeyEncryptionKey?> ReadVersionAsync(string version, CancellationToken cancellationToken) =>
        Task.FromResult(Versions.Find(key => key.Version == version));

    public Task<KeyEncryptionKey?> ReadPreviousAsync(KeyEncryptionKey current, CancellationToken cancellationToken) =>
        Task.FromResult(Versions.TakeWhile(key => key != current).LastOrDefault());

    public Task<IReadOnlyList<KeyVersion>> ListVersionsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<KeyVersion>>([.. Versions.Select(key => new KeyVersion(key.Version, true, null))]);
}
