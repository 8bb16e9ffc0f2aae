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
}
