using Alter.Policies;
using Alter.RateLimits;
using Alter.Storage;
using Alter.Testing;
using Azure.Data.Tables;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.RateLimits;

/// <summary>The limiter over real tables: several instances, many racers, and never one call too many.</summary>
public sealed class RateLimiterTests(SharedAzurite azurite) : IDisposable
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero));
    private readonly List<FakeNetwork> networks = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => networks.ForEach(network => network.Dispose());

    // 4 instances × 60 racers.
    [Theory]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(100)]
    public async Task A_small_limit_is_exact_whatever_races(int limit)
    {
        var key = Key(limit);
        var instances = Enumerable.Range(0, 4).Select(_ => Instance()).ToArray();

        var taken = await Task.WhenAll(Enumerable.Range(0, 240).Select(racer => Task.Run(() => instances[racer % 4].TakeAsync(key, Cancellation))));

        Assert.Equal(Math.Min(limit, 240), taken.Count(taking => taking.Window is not null));
    }

    // Blocks of 5: each of 4 instances may be left with 4.
    [Fact]
    public async Task A_large_limit_is_never_exceeded_and_at_most_one_in_a_hundred_is_left()
    {
        var key = Key(2000);
        var instances = Enumerable.Range(0, 4).Select(_ => Instance()).ToArray();

        var taken = await Task.WhenAll(instances.Select(instance => Task.Run(async () =>
        {
            var count = 0;
            while ((await instance.TakeAsync(key, Cancellation)).Window is not null)
            {
                count++;
            }

            return count;
        })));

        Assert.InRange(taken.Sum(), 1980, 2000);
        Assert.Equal(2000, await instances[0].CountAsync(key, time.GetUtcNow(), Cancellation));
    }

    [Fact]
    public async Task A_refusal_costs_no_storage_operation_until_the_window_ends()
    {
        var key = Key(2);
        var limiter = Instance(out var network);
        Assert.NotNull((await limiter.TakeAsync(key, Cancellation)).Window);
        Assert.NotNull((await limiter.TakeAsync(key, Cancellation)).Window);
        var before = network.Requests;

        for (var call = 0; call < 50; call++)
        {
            Assert.Null((await limiter.TakeAsync(key, Cancellation)).Window);
        }

        Assert.Equal(before, network.Requests);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Null((await limiter.TakeAsync(key, Cancellation)).Window);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull((await limiter.TakeAsync(key, Cancellation)).Window);
    }

    [Fact]
    public async Task A_counted_call_costs_one_operation_and_one_of_a_block_none()
    {
        var (exact, blocks) = (Key(10), Key(100_000)); // Blocks of 250.
        var limiter = Instance(out var network);
        await limiter.TakeAsync(exact, Cancellation);
        await limiter.TakeAsync(blocks, Cancellation);
        var before = network.Requests;

        await limiter.TakeAsync(exact, Cancellation);
        Assert.Equal(before + 1, network.Requests);
        for (var call = 0; call < 100; call++)
        {
            await limiter.TakeAsync(blocks, Cancellation);
        }

        Assert.Equal(before + 1, network.Requests);
    }

    [Fact]
    public async Task Callers_who_wait_share_one_write()
    {
        var key = Key(100);
        var limiter = Instance(out var network);
        await limiter.TakeAsync(key, Cancellation);
        var before = network.Requests;

        var taken = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => limiter.TakeAsync(key, Cancellation)));

        Assert.All(taken, taking => Assert.NotNull(taking.Window));
        Assert.InRange(network.Requests - before, 1, 25);
        Assert.Equal(51, await limiter.CountAsync(key, time.GetUtcNow(), Cancellation));
    }

    [Fact]
    public async Task What_is_given_back_is_the_next_callers_and_nobodys_in_the_next_window()
    {
        var key = Key(1);
        var limiter = Instance();
        var first = await limiter.TakeAsync(key, Cancellation);
        limiter.GiveBack(first);
        var second = await limiter.TakeAsync(key, Cancellation);
        Assert.NotNull(second.Window);
        Assert.Null((await limiter.TakeAsync(key, Cancellation)).Window);

        time.Advance(TimeSpan.FromMinutes(1));
        limiter.GiveBack(second); // Its window is over.
        Assert.NotNull((await limiter.TakeAsync(key, Cancellation)).Window);
        Assert.Null((await limiter.TakeAsync(key, Cancellation)).Window);
    }

    [Fact]
    public async Task No_more_than_a_block_is_counted_for_calls_that_may_come_to_nothing()
    {
        var (exact, blocks) = (Key(100), Key(2000)); // One by one, and blocks of 5.
        var limiter = Instance();
        Assert.All(new[] { (exact, 1), (blocks, 5) }, expected =>
            Assert.Equal(expected.Item2, Enumerable.Range(0, 20).Count(_ => limiter.TakeAhead(expected.Item1, Cancellation) is not null)));

        limiter.EndAhead(blocks);
        limiter.EndAhead(Key(7)); // Nobody knows of it.
        Assert.NotNull(await limiter.TakeAhead(blocks, Cancellation)!);
        Assert.Null(limiter.TakeAhead(blocks, Cancellation));
    }

    [Fact]
    public async Task Two_clocks_apart_count_in_neighbouring_windows_and_each_keeps_its_limit()
    {
        var key = Key(3);
        var ahead = new FakeTimeProvider(time.GetUtcNow().AddSeconds(61));
        var (one, other) = (Instance(), Instance(out _, ahead));

        var results = new List<bool>();
        for (var call = 0; call < 5; call++)
        {
            results.Add((await one.TakeAsync(key, Cancellation)).Window is not null);
            results.Add((await other.TakeAsync(key, Cancellation)).Window is not null);
        }

        Assert.Equal(6, results.Count(allowed => allowed));

        // A clock that is put back comes to a window that is used up, not to a fresh one.
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null((await one.TakeAsync(key, Cancellation)).Window);
    }

    [Fact]
    public async Task What_differs_in_any_respect_is_counted_apart()
    {
        var key = Key(1);
        var limiter = Instance();
        RateKey[] keys =
        [
            key, key with { App = A.AppId() }, key with { Place = "erp" }, key with { Subject = "other" },
            key with { Policy = key.Policy with { Name = "other" } }, key with { Policy = key.Policy with { Per = RatePer.Key } }, key with { Policy = key.Policy with { Window = TimeSpan.FromSeconds(30) } },
        ];

        Assert.All(await Task.WhenAll(keys.Select(one => limiter.TakeAsync(one, Cancellation))), taking => Assert.NotNull(taking.Window));
        Assert.All(await Task.WhenAll(keys.Select(one => Instance().TakeAsync(one, Cancellation))), taking => Assert.Null(taking.Window));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_write_whose_answer_gets_lost_counts_once(bool isFirst)
    {
        var key = Key(5);
        var limiter = Instance(out var network);
        if (!isFirst)
        {
            await limiter.TakeAsync(key, Cancellation);
        }

        network.LoseNextAnswer(request => FakeNetwork.IsWrite(request, "limits"));
        Assert.NotNull((await limiter.TakeAsync(key, Cancellation)).Window);

        Assert.Equal(isFirst ? 1 : 2, await Instance().CountAsync(key, time.GetUtcNow(), Cancellation));
    }

    [Fact]
    public async Task Storage_that_is_down_lets_nobody_pass_and_heals()
    {
        var key = Key(5);
        var limiter = Instance(out var network);
        network.LosesRequest = _ => true;

        await Assert.ThrowsAnyAsync<Exception>(() => limiter.TakeAsync(key, Cancellation));

        network.LosesRequest = _ => false;
        Assert.NotNull((await limiter.TakeAsync(key, Cancellation)).Window);
    }

    [Theory]
    [InlineData("many")]
    [InlineData(-5)]
    [InlineData(null)]
    public async Task A_row_somebody_else_wrote_opens_nothing(object? granted)
    {
        var key = Key(5);
        var row = new TableEntity(key.Partition(key.Policy.WindowAt(time.GetUtcNow())), RowKeys.Ticks(key.Policy.WindowAt(time.GetUtcNow())));
        if (granted is not null)
        {
            row["granted"] = granted;
        }

        var limiter = Instance();
        await limiter.CountAsync(key, time.GetUtcNow(), Cancellation); // The table is there.
        await azurite.Table("limits").AddEntityAsync(row, Cancellation);

        Assert.Null((await limiter.TakeAsync(key, Cancellation)).Window);
    }

    [Fact]
    public async Task A_caller_who_leaves_takes_nobody_along()
    {
        var key = Key(5);
        var limiter = Instance(out var network);
        using var left = new CancellationTokenSource();
        var arrived = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        network.Before = request =>
        {
            arrived.TrySetResult();
            return goOn.Task;
        };
        var leaver = limiter.TakeAsync(key, left.Token);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        var other = limiter.TakeAsync(key, Cancellation);

        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaver);
        goOn.SetResult();

        Assert.NotNull((await other).Window);
    }

    [Fact]
    public async Task What_is_past_goes_and_what_is_not_stays()
    {
        await using var own = await Azurite.StartAsync();
        var tables = new AlterTables(A.Storage(own.ConnectionString));
        var store = new RateLimitStore(tables, time);
        var limiter = new RateLimiter(store, RateLimitOptions.Default, time);
        var (minute, day) = (Key(1), Key(1) with { Policy = new RatePolicy("daily", RatePer.App, 1, TimeSpan.FromDays(1)) });
        await limiter.TakeAsync(minute, Cancellation);
        await limiter.TakeAsync(day, Cancellation);

        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, await store.PurgeAsync(Cancellation));
        time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(1, await store.PurgeAsync(Cancellation));

        Assert.Equal(1, await limiter.CountAsync(day, time.GetUtcNow(), Cancellation)); // Its window ends at midnight.
    }

    [Theory]
    [InlineData(null, 400, 1)]
    [InlineData(null, 5000, 12)]
    [InlineData("40", 5000, 1)]
    [InlineData("1", 5000, 50)]
    [InlineData("junk", 50_000, 1)]
    [InlineData("0", 50_000, 1)]
    [InlineData("5000", 200_000, 2)]
    public void Blocks_are_as_large_as_the_number_of_instances_lets_them(string? setting, int limit, int block)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("ALTER_RATE_INSTANCES", setting)]).Build();

        Assert.Equal(block, RateLimitOptions.From(configuration).BlockOf(limit));
    }

    private static RateKey Key(int limit) => new(A.AppId(), "", new RatePolicy("gentle", RatePer.User, limit, TimeSpan.FromMinutes(1)), "ada");

    private RateLimiter Instance() => Instance(out _);

    private RateLimiter Instance(out FakeNetwork network, TimeProvider? clock = null)
    {
        networks.Add(network = new FakeNetwork());
        var tables = new AlterTables(A.Storage(azurite.ConnectionString, network));
        return new RateLimiter(new RateLimitStore(tables, clock ?? time), RateLimitOptions.Default, clock ?? time);
    }
}
