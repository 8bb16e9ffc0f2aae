using Alter.Storage;
using Alter.Testing;

namespace Alter.Tests.Storage;

/// <summary>Storage loses one request, or the answer to one: each path is run once for every request it makes.</summary>
public sealed class LostAnswerTests(OwnAzurite azurite) : IClassFixture<OwnAzurite>, IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // Who waits for the lapse of their own lease never ends on a clock that stands.

    private FakeProvider people = null!;

    public static TheoryData<string> Paths => [.. LossyPath.All.Select(path => path.Name)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => people = await FakeProvider.StartAsync();

    public ValueTask DisposeAsync() => people.DisposeAsync();

    [Theory]
    [MemberData(nameof(Paths))]
    public Task Whatever_write_loses_its_answer_a_path_comes_to_the_same(string name) => ComesToTheSameAsync(name, loss => loss is { IsOfAnswer: true, IsOfRead: false });

    // Takes a minute and a half: asked for with -explicit only.
    [Theory(Explicit = true)]
    [MemberData(nameof(Paths))]
    public Task Whatever_request_or_answer_is_lost_a_path_comes_to_the_same(string name) => ComesToTheSameAsync(name, _ => true);

    private async Task ComesToTheSameAsync(string name, Func<Loss, bool> isTried)
    {
        var path = LossyPath.All.Single(path => path.Name == name);
        var now = TimeProvider.System.GetUtcNow(); // For the id tokens are of now; and the same for all runs, or what ends in one hour here would end in two there.
        var without = await RunAsync(path, now, null);
        Assert.Equal(path.Expected, without.Lines[0]);
        Assert.NotEmpty(without.Asked);

        var differing = new List<string>();
        foreach (var loss in Loss.Each(without.Asked).Where(isTried))
        {
            var with = await RunAsync(path, now, loss);
            var (missing, more) = (Without(without.Lines, with.Lines), Without(with.Lines, without.Lines));
            if (missing.Count + more.Count > 0 || !with.HasLost)
            {
                differing.Add($"{loss}{(with.HasLost ? "" : ", which never came")}\n  - {string.Join("\n  - ", missing)}\n  + {string.Join("\n  + ", more)}");
            }
        }

        Assert.True(differing.Count is 0, string.Join('\n', differing));
    }

    private async Task<Run> RunAsync(LossyPath path, DateTimeOffset now, Loss? loss)
    {
        var signIns = people.Requests.Count;
        await using var world = await LossyWorld.StartAsync(azurite, people, path, now);
        var act = await path.Arrange(world);
        var network = new LossyNetwork(world.Vault.Network, loss);
        var outcome = await OutcomeAsync(act);
        var asked = network.Asked.ToArray();
        world.Vault.Network.LosesRequest = world.Vault.Network.LosesAnswer = _ => false;
        return new Run(asked, network.HasLost, [outcome, .. await world.AtProviderAsync(signIns), .. await StoredText.ReadAsync(azurite, Cancellation)]);
    }

    private static async Task<string> OutcomeAsync(Func<Task<string>> act)
    {
        try
        {
            return await act().WaitAsync(Patience, TimeProvider.System, Cancellation);
        }
        catch (Exception e) when (e is TimeoutException || StorageFault.Is(e))
        {
            return $"{e.GetType().Name}: {e.Message.Split('\n')[0]}";
        }
    }

    // As multisets.
    private static List<string> Without(IReadOnlyList<string> lines, IReadOnlyList<string> others)
    {
        var rest = lines.ToList();
        foreach (var line in others)
        {
            rest.Remove(line);
        }

        return rest;
    }

    private sealed record Run(IReadOnlyList<string> Asked, bool HasLost, IReadOnlyList<string> Lines);
}
