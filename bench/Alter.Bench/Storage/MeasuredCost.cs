using Alter.Bench.Running;

namespace Alter.Bench.Storage;

/// <summary>What one use of a path asked of storage.</summary>
/// <param name="Sequential">The longest chain of requests each of which began after the one before it had been answered, up to the answer.</param>
/// <param name="Total">All requests until storage was quiet.</param>
/// <param name="What">In order, for people.</param>
/// <remarks>Entries of the record count where something waits for them, in the chain. Their number does not: how many share a transaction is a matter of milliseconds.</remarks>
public sealed record MeasuredCost(int Sequential, int Total, string What)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);

    /// <summary>What of a path counts as sequential.</summary>
    /// <param name="Until">Requests answered later do not.</param>
    /// <param name="Beside">Nor do those that ran beside the provider's answer.</param>
    public readonly record struct Window(long Until, (long Arrived, long Answered) Beside);

    /// <summary>Uses a path once and waits until storage is quiet.</summary>
    /// <param name="vault">With a relay.</param>
    /// <param name="use">What counts as sequential; null: all until its end.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<MeasuredCost> OfAsync(BenchVault vault, Func<Task<Window?>> use, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vault);
        ArgumentNullException.ThrowIfNull(use);
        vault.Relay!.Clear();
        var window = await use() ?? new Window(TimeProvider.System.GetTimestamp(), default);
        await UntilQuietAsync(vault, cancellationToken);
        var operations = vault.Relay.Operations.OrderBy(operation => operation.Began).ToArray();
        return new MeasuredCost(Chain([.. operations.Where(operation => operation.Ended <= window.Until && !IsBeside(operation, window.Beside))]), operations.Count(operation => !IsOfRecord(operation)), string.Join(", ", operations.Select(operation => operation.What)));
    }

    private static bool IsOfRecord(StorageOperation operation) => operation.What.Contains(" audit2", StringComparison.Ordinal) || operation.What.Contains(" activity2", StringComparison.Ordinal);

    private static bool IsBeside(StorageOperation operation, (long Arrived, long Answered) provider) =>
        operation.Ended > provider.Arrived && operation.Ended < provider.Answered;

    private static int Chain(StorageOperation[] operations)
    {
        var depth = new int[operations.Length];
        for (var i = 0; i < operations.Length; i++)
        {
            depth[i] = 1 + Enumerable.Range(0, i).Where(j => operations[j].Ended <= operations[i].Began).Select(j => depth[j]).DefaultIfEmpty().Max();
        }

        return depth.DefaultIfEmpty().Max();
    }

    private static async Task UntilQuietAsync(BenchVault vault, CancellationToken cancellationToken)
    {
        do
        {
            await Task.Delay(Quiet / 4, TimeProvider.System, cancellationToken);
        }
        while (vault.Relay!.QuietFor < Quiet);
    }
}
