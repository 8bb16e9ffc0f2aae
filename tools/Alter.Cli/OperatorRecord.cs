using Alter.Audit;
using Alter.Cli.Keys;
using Alter.Grants;
using Alter.Keys;
using Microsoft.Extensions.Logging.Abstractions;

namespace Alter.Cli;

/// <summary>The vault's record, as far as a command can write it: entries are authenticated with the vault's key, which not every operator may read.</summary>
internal sealed class OperatorRecord : IDisposable
{
    private readonly KeyRing? ring;
    private readonly AuditRecord? record;

    private OperatorRecord(KeyRing? ring, AuditRecord? record, GrantWitness? witness, string? fault) =>
        (this.ring, this.record, Witness, Fault) = (ring, record, witness, fault);

    /// <summary>Takes down what becomes of grants; null where nothing can be written.</summary>
    public GrantWitness? Witness { get; }

    /// <summary>Why nothing can be written; null where it can.</summary>
    public string? Fault { get; }

    /// <summary>Opens it; where the key cannot be read the command goes on without.</summary>
    public static async Task<OperatorRecord> OpenAsync(
        OperatorTools tools, OperatorSettings settings, OperatorDocument document, OperatorStorage storage, CancellationToken cancellationToken)
    {
        if (new KeyVersions(tools, settings).Open(document, out var fault) is not { } keys)
        {
            return new(null, null, null, fault);
        }

        var ring = new KeyRing(keys, tools.Time);
        try
        {
            await ring.CurrentAsync(cancellationToken);
        }
        catch (KeySourceException e)
        {
            ring.Dispose();
            return new(null, null, null, e.Message);
        }

        var activity = new ActivityProjection(storage.Tables, NullLogger<ActivityProjection>.Instance);
        var record = new AuditRecord(storage.Tables, ring, activity, document.Source, tools.Time, NullLogger<AuditRecord>.Instance);
        return new(ring, record, new GrantRecord(record, tools.Time).Note, null);
    }

    /// <summary>Waits until everything is written; what storage refuses meanwhile is given up.</summary>
    public Task DrainAsync(CancellationToken cancellationToken) => record?.DrainAsync(cancellationToken) ?? Task.CompletedTask;

    public void Dispose() => ring?.Dispose();
}
