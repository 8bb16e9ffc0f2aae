namespace Alter.Keys;

/// <summary>Where key-encryption keys are kept.</summary>
public interface IKeySource
{
    /// <summary>The newest version.</summary>
    /// <exception cref="KeySourceException">It cannot be had.</exception>
    Task<KeyEncryptionKey> ReadCurrentAsync(CancellationToken cancellationToken);

    /// <summary>One version; null where it does not exist or is disabled.</summary>
    /// <exception cref="KeySourceException">The source does not answer.</exception>
    Task<KeyEncryptionKey?> ReadVersionAsync(string version, CancellationToken cancellationToken);

    /// <summary>The newest enabled version before <paramref name="current"/>; null where there is none.</summary>
    /// <exception cref="KeySourceException">The source does not answer.</exception>
    Task<KeyEncryptionKey?> ReadPreviousAsync(KeyEncryptionKey current, CancellationToken cancellationToken);

    /// <summary>All versions, the oldest first, without their keys.</summary>
    /// <exception cref="KeySourceException">The source does not answer.</exception>
    Task<IReadOnlyList<KeyVersion>> ListVersionsAsync(CancellationToken cancellationToken);
}

/// <summary>One version of the key-encryption key, as its source tells of it.</summary>
/// <param name="Version">32 lower-case hex digits.</param>
/// <param name="IsEnabled">False: it opens nothing.</param>
/// <param name="CreatedAt">Null where the source does not say.</param>
public sealed record KeyVersion(string Version, bool IsEnabled, DateTimeOffset? CreatedAt);
