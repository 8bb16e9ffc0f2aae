using Azure.Data.Tables;

namespace Alter.Testing;

/// <summary>
/// An empty storage account of Azure Storage's emulator, tables and queues: in memory, where all accounts of a test program are one process's, since to start one costs more than most
/// tests; or in a folder, with a process of its own that may be stopped and started again.
/// </summary>
public sealed class Azurite : IAsyncDisposable
{
    // The emulator's well-known key: public, and good for nothing else.
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private const string OnlyAccount = "devstoreaccount1";
    private const int MostAccounts = 500; // They are told to the process at its start, in one variable.

    private static readonly string OtherKey = Convert.ToBase64String(new byte[64]);
    private static readonly Lazy<Task<AzuriteProcess>> Shared = new(StartSharedAsync);
    private static int given;

    private AzuriteProcess? own;

    /// <summary>For tables and queues.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>Where its data lies; null: in memory.</summary>
    public string? Folder { get; init; }

    /// <summary>Of one with a folder: from its next start on it takes no request that is signed with the account's usual key.</summary>
    public bool IsForbidding { get; set; }

    /// <summary>Starts one and waits until it answers.</summary>
    public static async Task<Azurite> StartAsync()
    {
        var azurite = new Azurite();
        await azurite.RunAsync();
        return azurite;
    }

    /// <summary>Makes the account; one with a folder, after <see cref="StopAsync"/>, starts again on the same ports, with what the folder holds.</summary>
    public async Task RunAsync()
    {
        if (Folder is not null)
        {
            own ??= new AzuriteProcess();
            await own.RunAsync($"{OnlyAccount}:{(IsForbidding ? OtherKey : Key)}", Folder);
            ConnectionString = ConnectionStringOf(own, OnlyAccount);
        }
        else if (ConnectionString.Length is 0)
        {
            var process = await Shared.Value;
            var number = Interlocked.Increment(ref given);
            ConnectionString = number <= MostAccounts ? ConnectionStringOf(process, Account(number)) : throw new InvalidOperationException($"No more than {MostAccounts} accounts were foreseen.");
        }
    }

    /// <summary>A client of one table, for looking at rows and breaking them.</summary>
    public TableClient Table(string name) => new(ConnectionString, name);

    /// <summary>Ends one with a folder in good order. Not on Windows, which cannot ask a process to end.</summary>
    public Task StopAsync() => own?.StopAsync() ?? throw new InvalidOperationException("Others use the process of an account in memory.");

    public ValueTask DisposeAsync() => own?.DisposeAsync() ?? default;

    private static async Task<AzuriteProcess> StartSharedAsync()
    {
        var process = new AzuriteProcess();
        await process.RunAsync(string.Join(';', Enumerable.Range(1, MostAccounts).Select(number => $"{Account(number)}:{Key}")), location: null);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => process.Kill(); // What lies in it is needed to the end.
        return process;
    }

    private static string Account(int number) => $"account{number}";

    private static string ConnectionStringOf(AzuriteProcess process, string account) =>
        $"DefaultEndpointsProtocol=http;AccountName={account};AccountKey={Key};"
        + $"QueueEndpoint=http://127.0.0.1:{process.QueuePort}/{account};TableEndpoint=http://127.0.0.1:{process.TablePort}/{account};";
}
