using Alter.Keys;
using Alter.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Alter.Tests.Keys;

/// <summary>The ring over Key Vault's real client.</summary>
public sealed class KeyRingTests : IAsyncLifetime
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(5); // Up to a tenth less.

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private FakeKeyVault vault = null!;
    private KeyRing ring = null!;

    public async ValueTask InitializeAsync()
    {
        vault = await FakeKeyVault.StartAsync();
        ring = NewRing();
    }

    public async ValueTask DisposeAsync()
    {
        ring.Dispose();
        await vault.DisposeAsync();
    }

    [Fact]
    public async Task The_newest_version_is_used_within_five_minutes()
    {
        var first = vault.AddKey();
        Assert.Equal(first, (await ring.CurrentAsync(Cancellation)).Version);
        var second = vault.AddKey();

        time.Advance(TimeSpan.FromMinutes(4.4));
        Assert.Equal(first, (await ring.CurrentAsync(Cancellation)).Version);
        time.Advance(LongestLife - TimeSpan.FromMinutes(4.4));

        Assert.Equal(second, (await ring.CurrentAsync(Cancellation)).Version);
        Assert.Equal(["", ""], vault.Reads);
    }

    [Fact]
    public async Task A_version_of_before_opens_what_it_sealed()
    {
        var old = vault.AddKey();
        var before = await ring.CurrentAsync(Cancellation);
        vault.AddKey();
        using var another = NewRing();
        await another.CurrentAsync(Cancellation);

        var found = await another.FindAsync(old, Cancellation);

        Assert.Equal(Convert.ToHexString(before.Derive("grant", "shop")), Convert.ToHexString(found!.Derive("grant", "shop")));
    }

    [Fact]
    public async Task Twenty_callers_fetch_an_unknown_version_once()
    {
        var version = vault.AddKey();
        vault.AddKey();

        var found = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ring.FindAsync(version, Cancellation).AsTask()));

        Assert.All(found, key => Assert.Equal(version, key?.Version));
        Assert.Equal([version], vault.Reads);
    }

    [Fact]
    public async Task A_version_that_is_not_there_is_not_asked_for_again_for_a_minute()
    {
        vault.AddKey();
        var missing = new string('0', 32);

        Assert.All(await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ring.FindAsync(missing, Cancellation).AsTask())), Assert.Null);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Null(await ring.FindAsync(missing, Cancellation));
        Assert.Single(vault.Reads);

        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(await ring.FindAsync(missing, Cancellation));
        Assert.Equal(2, vault.Reads.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("versions")]
    [InlineData("../other-secret/0")]
    [InlineData("000102030405060708090A0B0C0D0E0F")]
    public async Task A_malformed_version_of_a_row_drives_no_call(string version)
    {
        vault.AddKey();

        Assert.Null(await ring.FindAsync(version, Cancellation));
        Assert.Empty(vault.Reads);
    }

    [Fact]
    public async Task A_disabled_version_is_as_good_as_lost()
    {
        var disabled = vault.AddKey();
        var lost = vault.AddKey();
        vault.AddKey();
        vault.Disable(disabled);
        vault.Lose(lost);

        Assert.Null(await ring.FindAsync(disabled, Cancellation));
        Assert.Null(await ring.FindAsync(lost, Cancellation));
    }

    [Fact]
    public async Task A_version_that_is_disabled_while_in_use_is_used_for_five_minutes_more_at_most()
    {
        var old = vault.AddKey();
        Assert.NotNull(await ring.FindAsync(old, Cancellation));
        vault.AddKey();
        vault.Disable(old);

        Assert.NotNull(await ring.FindAsync(old, Cancellation));
        time.Advance(LongestLife);

        Assert.Null(await ring.FindAsync(old, Cancellation));
    }

    [Theory]
    [InlineData("down")]
    [InlineData("forbidden")]
    public async Task A_key_vault_that_refuses_everything_does_not_stop_what_is_known(string how)
    {
        var version = vault.AddKey();
        await ring.CurrentAsync(Cancellation);
        (vault.IsDown, vault.IsForbidden) = (how == "down", how == "forbidden");
        time.Advance(TimeSpan.FromHours(3));

        Assert.Equal(version, (await ring.CurrentAsync(Cancellation)).Version);
        Assert.Equal(version, (await ring.FindAsync(version, Cancellation))?.Version);
    }

    [Fact]
    public async Task A_key_vault_that_cannot_be_reached_does_not_stop_what_is_known()
    {
        var version = vault.AddKey();
        await ring.CurrentAsync(Cancellation);
        await vault.StopAsync();
        time.Advance(TimeSpan.FromHours(3));

        Assert.Equal(version, (await ring.CurrentAsync(Cancellation)).Version);
        Assert.Equal(version, (await ring.FindAsync(version, Cancellation))?.Version);
    }

    [Fact]
    public async Task A_right_that_is_missing_is_no_proof_that_a_version_is_gone()
    {
        var version = vault.AddKey();
        vault.IsForbidden = true;

        await Assert.ThrowsAsync<KeySourceException>(() => ring.FindAsync(version, Cancellation).AsTask());
        vault.IsForbidden = false;

        Assert.NotNull(await ring.FindAsync(version, Cancellation));
    }

    [Fact]
    public async Task One_slow_answer_does_not_hold_up_those_who_have_a_key()
    {
        var version = vault.AddKey();
        await ring.CurrentAsync(Cancellation);
        time.Advance(LongestLife);
        var answer = new TaskCompletionSource();
        vault.Before = () => answer.Task;

        var asking = ring.CurrentAsync(Cancellation).AsTask();
        await Eventually.TrueAsync(() => vault.Reads.Count == 2, "the ring asks again");
        var meanwhile = await ring.CurrentAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(5), Cancellation);

        Assert.Equal(version, meanwhile.Version);
        Assert.False(asking.IsCompleted);
        answer.SetResult();
        await asking;
    }

    [Fact]
    public async Task The_version_before_the_current_one_is_the_newest_enabled_one()
    {
        vault.AddKey();
        var previous = vault.AddKey();
        vault.Disable(vault.AddKey());
        vault.AddKey();

        Assert.Equal(previous, (await ring.PreviousAsync(Cancellation))?.Version);
        await ring.PreviousAsync(Cancellation);
        Assert.Single(vault.Reads, "versions");
    }

    [Fact]
    public async Task A_version_before_that_is_disabled_opens_nothing_after_five_minutes()
    {
        var previous = vault.AddKey();
        vault.AddKey();
        Assert.Equal(previous, (await ring.PreviousAsync(Cancellation))?.Version);
        vault.Disable(previous);
        time.Advance(LongestLife);

        Assert.Null(await ring.PreviousAsync(Cancellation));
    }

    [Fact]
    public async Task A_first_version_has_none_before_it()
    {
        vault.AddKey();

        Assert.Null(await ring.PreviousAsync(Cancellation));
    }

    [Fact]
    public async Task A_version_before_that_cannot_be_had_is_asked_for_once_in_a_while_however_much_junk_comes()
    {
        vault.Add("hunter2hunter2");
        vault.AddKey();
        for (var junk = 0; junk < 5; junk++)
        {
            await Assert.ThrowsAsync<KeySourceException>(() => ring.PreviousAsync(Cancellation).AsTask());
        }

        Assert.Single(vault.Reads, "versions");
        time.Advance(TimeSpan.FromSeconds(16));
        await Assert.ThrowsAsync<KeySourceException>(() => ring.PreviousAsync(Cancellation).AsTask());
        Assert.Equal(2, vault.Reads.Count(read => read == "versions"));
    }

    [Fact]
    public async Task A_version_just_made_elsewhere_is_found_for_what_names_none_and_junk_asks_for_it_once_in_a_while()
    {
        var first = vault.AddKey();
        await ring.CurrentAsync(Cancellation);
        time.Advance(TimeSpan.FromSeconds(3));
        for (var junk = 0; junk < 5; junk++)
        {
            Assert.Equal([first], await PossibleAsync());
        }

        Assert.Equal(2, vault.Reads.Count(read => read.Length == 0));
        var second = vault.AddKey();
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal([first, second], await PossibleAsync());
        Assert.Equal([second, first], await PossibleAsync());

        vault.IsDown = true; // What is known serves on.
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal([second, first], await PossibleAsync());

        async Task<IEnumerable<string>> PossibleAsync()
        {
            var versions = new List<string>();
            await foreach (var key in ring.PossibleAsync(Cancellation))
            {
                versions.Add(key.Version);
            }

            return versions;
        }
    }

    [Fact]
    public async Task Versions_are_listed_the_oldest_first_without_reading_a_key()
    {
        var (first, second) = (vault.AddKey(), vault.AddKey());
        vault.Disable(first);

        var versions = await new KeyVaultKeySource(vault.Client(), FakeKeyVault.Secret).ListVersionsAsync(Cancellation);

        Assert.Equal([(first, false), (second, true)], versions.Select(version => (version.Version, version.IsEnabled)));
        Assert.Equal(["versions"], vault.Reads);
    }

    [Fact]
    public async Task Callers_who_wait_behind_a_read_that_fails_hear_the_same_and_the_next_one_asks_again()
    {
        vault.IsDown = true;
        var (gate, asked) = (new TaskCompletionSource(), 0);
        vault.Before = () =>
        {
            Interlocked.Increment(ref asked);
            return gate.Task;
        };
        var waiting = Enumerable.Range(0, 20).Select(_ => ring.CurrentAsync(Cancellation).AsTask()).ToArray();
        await Eventually.TrueAsync(() => Volatile.Read(ref asked) > 0, "the first one asks");
        gate.SetResult();
        foreach (var caller in waiting)
        {
            await Assert.ThrowsAsync<KeySourceException>(() => caller);
        }

        Assert.Equal(2, asked); // One read, which the client repeats once; twenty would have been forty.
        vault.IsDown = false;
        vault.AddKey();
        Assert.NotNull(await ring.CurrentAsync(Cancellation));
    }

    [Fact]
    public async Task Callers_who_wait_behind_a_version_that_cannot_be_read_hear_the_same()
    {
        var version = vault.AddKey();
        vault.IsDown = true;
        var (gate, asked) = (new TaskCompletionSource(), 0);
        vault.Before = () =>
        {
            Interlocked.Increment(ref asked);
            return gate.Task;
        };
        var waiting = Enumerable.Range(0, 20).Select(_ => ring.FindAsync(version, Cancellation).AsTask()).ToArray();
        await Eventually.TrueAsync(() => Volatile.Read(ref asked) > 0, "the first one asks");
        gate.SetResult();
        foreach (var caller in waiting)
        {
            await Assert.ThrowsAsync<KeySourceException>(() => caller);
        }

        Assert.Equal(2, asked);
        vault.IsDown = false;
        Assert.Equal(version, (await ring.FindAsync(version, Cancellation))?.Version);
    }

    [Theory]
    [InlineData("down")]
    [InlineData("forbidden")]
    [InlineData("empty")]
    public async Task What_Key_Vault_does_not_give_is_counted_a_version_that_is_gone_is_not(string how)
    {
        using var measured = new Measurements("alter.key.failures");
        var version = vault.AddKey();
        (vault.IsDown, vault.IsForbidden) = (how == "down", how == "forbidden");
        if (how is "empty")
        {
            Assert.Null(await ring.FindAsync(new string('0', 32), Cancellation));
            Assert.Empty(measured.All);
            vault.Lose(version);
        }

        await Assert.ThrowsAsync<KeySourceException>(() => ring.CurrentAsync(Cancellation).AsTask());

        Assert.Equal([new Measured("alter.key.failures", 1, "vault=keys")], measured.All);
    }

    [Fact]
    public async Task A_secret_that_is_no_key_is_refused_without_repeating_it()
    {
        vault.Add("hunter2hunter2");

        var refused = await Assert.ThrowsAsync<KeySourceException>(() => ring.CurrentAsync(Cancellation).AsTask());

        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
    }

    private KeyRing NewRing() => new(new KeyVaultKeySource(vault.Client(), FakeKeyVault.Secret), time);
}
