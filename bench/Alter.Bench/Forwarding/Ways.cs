using Alter.Bench.Running;
using Alter.FunctionsHost;
using Alter.Testing;

namespace Alter.Bench.Forwarding;

/// <summary>Everything that is compared, side by side before one provider.</summary>
/// <remarks>
/// Bare forwarder and vault run under the same local host, which forwards too. Their callers send the same head, user token included, so that the host has as much to carry
/// for either.
/// </remarks>
internal sealed class Ways : IAsyncDisposable
{
    private const string Injected = "Bearer fixed";
    private const string Provider = "none";

    // A user's token lives an hour, and a run may be longer.
    private static readonly TimeSpan RenewedAfter = TimeSpan.FromMinutes(20);

    private readonly List<IAsyncDisposable> parts = [];
    private readonly List<Way> all = [];
    private readonly List<CallingUser> users = [];
    private int turn;

    /// <summary>In the order they take turns.</summary>
    public IReadOnlyList<Way> All => all;

    /// <summary>Starts all; nginx only where it is installed.</summary>
    /// <param name="callers">Users, each with a grant of their own, in whose name is called in turn.</param>
    /// <param name="workers">How many of the bare forwarder's workers there are, and of those of the vault with storage in process.</param>
    /// <param name="bareDirectory">The folder of a published bare forwarder; null: what was built beside this program.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<Ways> StartAsync(int callers, int workers, string? bareDirectory, CancellationToken cancellationToken)
    {
        var ways = new Ways();
        try
        {
            await ways.StartAllAsync(callers, workers, bareDirectory, cancellationToken);
            return ways;
        }
        catch
        {
            await ways.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        all.ForEach(way => way.Dispose());
        foreach (var part in Enumerable.Reverse(parts))
        {
            await part.DisposeAsync();
        }
    }

    private async Task StartAllAsync(int callers, int workers, string? bareDirectory, CancellationToken cancellationToken)
    {
        var stub = Kept(await StubProvider.StartAsync());
        all.Add(new Way(Way.Direct, new Instance(answer => WithToken(new Uri(stub.Url, answer.Path)))));
        if (Nginx.IsInstalled)
        {
            var nginx = Kept(await Nginx.StartForwarderAsync(stub.Url, Injected));
            all.Add(new Way(Way.Nginx, new Instance(answer => new HttpRequestMessage(HttpMethod.Get, new Uri(nginx.Url, answer.Path)), nginx.ProcessId)));
        }

        var vaultPort = FreePort.Next();
        var vault = Kept(await BenchVault.StartAsync(new BenchSetup { ApiHost = stub.Url.Authority, Settings = Join(BenchVault.Still, BenchVault.AsDeployed, InsideWorker.Settings(vaultPort)) }, cancellationToken));
        vault.Servers[Provider].AccessTokenLifetime = TimeSpan.FromHours(12); // No run comes near a refresh.
        for (var user = 0; user < callers; user++)
        {
            users.Add(new CallingUser((await vault.GrantAsync(Provider, isStale: false)).User));
        }

        // A B B A: what starts earlier has it a little better in the end.
        var (bare, canned) = (new List<Instance>(), new List<Instance>());
        for (var pair = 0; pair < workers; pair++)
        {
            if (pair % 2 is 0)
            {
                bare.Add(await BareAsync());
                canned.Add(await CannedAsync());
            }
            else
            {
                canned.Add(await CannedAsync());
                bare.Add(await BareAsync());
            }
        }

        all.Add(new Way(Way.Bare, bare));
        all.Add(new Way(Way.Canned, canned));
        all.Add(new Way(Way.Azurite, new Instance(answer => Call(vault.Caller, null, answer), vault.Host.Workers[0].ProcessId, vaultPort)));

        async Task<Instance> BareAsync()
        {
            var port = FreePort.Next();
            var host = Kept(await BareHost.StartAsync(bareDirectory, Join(BenchVault.AsDeployed, InsideWorker.Settings(port), new Dictionary<string, string> { ["BARE_DESTINATION"] = stub.Url.AbsoluteUri }), cancellationToken));
            return new Instance(answer => Call(vault.Caller, new Uri(host.Address, "/forward" + answer.Path), answer), host.Workers[0].ProcessId, port);
        }

        async Task<Instance> CannedAsync()
        {
            var port = FreePort.Next();
            var beside = Kept(await vault.StartBesideAsync(Join(BenchVault.Still, BenchVault.AsDeployed, InsideWorker.Settings(port, cansStorage: true)), cancellationToken));
            return new Instance(answer => Call(beside.Caller, null, answer), beside.Host.Workers[0].ProcessId, port);
        }

        HttpRequestMessage Call(Caller caller, Uri? otherwise, ForwardedAnswer answer)
        {
            var user = users[(int)((uint)Interlocked.Increment(ref turn) % users.Count)];
            var request = caller.Request(HttpMethod.Get, "/sdk/proxy", user.Token(caller));
            request.RequestUri = otherwise ?? request.RequestUri;
            request.Headers.TryAddWithoutValidation("X-Alter-Provider", Provider);
            request.Headers.TryAddWithoutValidation("X-Alter-Url", new Uri(stub.Url, answer.Path).AbsoluteUri);
            return request;
        }
    }

    private static HttpRequestMessage WithToken(Uri url)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("Authorization", Injected);
        return request;
    }

    private static Dictionary<string, string> Join(params IEnumerable<IReadOnlyDictionary<string, string>> settings) => new(settings.SelectMany(some => some));

    private T Kept<T>(T part)
        where T : IAsyncDisposable
    {
        parts.Add(part);
        return part;
    }

    // Whose calls they are; several may renew a token at once, each of which is as good.
    private sealed class CallingUser(string subject)
    {
        private string token = "";
        private long madeAt;

        public string Token(Caller caller)
        {
            if (token.Length is 0 || TimeProvider.System.GetElapsedTime(madeAt) > RenewedAfter)
            {
                (token, madeAt) = (caller.UserToken(subject), TimeProvider.System.GetTimestamp());
            }

            return token;
        }
    }
}
