using Alter.Apps;
using Alter.Keys;
using Alter.Storage;
using Azure;
using Azure.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Alter.Functions.Health;

/// <summary>Something the vault needs and cannot use.</summary>
/// <param name="Component">Which part.</param>
/// <param name="Reason">Why, in names, never values.</param>
public sealed record ReadinessProblem(string Component, string Reason);

/// <summary>Looks whether everything the vault stands on can be used. Anyone may ask, so it looks at most every five seconds.</summary>
public sealed class Readiness(IServiceProvider services, ConfigurationSource configuration, IConfiguration settings, TimeProvider time)
{
    private const string Secrets = "secrets";

    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private (Task<IReadOnlyList<ReadinessProblem>> Problems, DateTimeOffset At)? last;

    /// <summary>What is unusable; empty when ready.</summary>
    public Task<IReadOnlyList<ReadinessProblem>> FindProblemsAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (last is not { } known || known.At < time.GetUtcNow() - Freshness)
            {
                last = known = (LookAsync(), time.GetUtcNow());
            }

            return known.Problems.WaitAsync(cancellationToken);
        }
    }

    private async Task<IReadOnlyList<ReadinessProblem>> LookAsync()
    {
        var problems = configuration.Mistakes.Select(mistake => new ReadinessProblem("configuration", $"{mistake.Path}: {mistake.Fault}")).ToList();
        if (AlterStorageOptions.From(settings) is null)
        {
            problems.Add(new ReadinessProblem("storage", $"Setting {AlterStorageOptions.Connection} is missing."));
        }

        if (problems.Count > 0)
        {
            return problems;
        }

        using var patience = new CancellationTokenSource(Patience, time);
        var secrets = services.GetRequiredService<SecretStore>();
        var looks = await Task.WhenAll(
        [
            LookAsync("tables", () => services.GetRequiredService<AlterTables>().PingAsync(patience.Token)),
            LookAsync("queues", () => services.GetRequiredService<AlterQueues>().PingAsync(patience.Token)),
            LookAsync("keys", async () => await services.GetRequiredService<KeyRing>().CurrentAsync(patience.Token)),
            .. (configuration.Current?.SecretNamesInUse ?? []).Select(name => LookAtSecretAsync(secrets, name, patience.Token)),
        ]);
        return [.. looks.OfType<ReadinessProblem>()];
    }

    // As it was last read: it is kept for five minutes, and one that could not be had is asked for again after ten seconds.
    private static async Task<ReadinessProblem?> LookAtSecretAsync(SecretStore secrets, string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await secrets.GetAsync(name, cancellationToken)).Succeeded(out _, out var refusal) ? null : new ReadinessProblem(Secrets, $"{name}: {refusal.Detail}");
        }
        catch (OperationCanceledException)
        {
            return new ReadinessProblem(Secrets, $"{name}: Key Vault does not answer.");
        }
    }

    private static async Task<ReadinessProblem?> LookAsync(string component, Func<Task> look)
    {
        try
        {
            await look();
            return null;
        }
        catch (KeySourceException e)
        {
            return new ReadinessProblem(component, e.Message); // Written for operators; holds no key.
        }
        catch (RequestFailedException e) when (e.Status is 401 or 403)
        {
            return new ReadinessProblem(component, "No right to use it; role assignments can take 10 minutes.");
        }
        catch (Exception e) when (e is RequestFailedException or AuthenticationFailedException or AggregateException or OperationCanceledException)
        {
            return new ReadinessProblem(component, "It does not answer.");
        }
    }
}
