using Alter.Keys;

namespace Alter.Tests.Keys;

public sealed class LocalKeySourceTests : IDisposable
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private readonly string folder = Path.Combine(Path.GetTempPath(), $"alter-{Guid.NewGuid():N}");

    private string FilePath => Path.Combine(folder, "local", "key");

    public void Dispose()
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Sixteen_instances_that_start_at_once_make_one_key()
    {
        var keys = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => new LocalKeySource(FilePath).ReadCurrentAsync(Cancellation), Cancellation)));

        Assert.Single(keys.Select(key => key.Version).Distinct());
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(FilePath)!));
    }

    [Fact]
    public async Task Only_its_owner_may_read_the_file()
    {
        await new LocalKeySource(FilePath).ReadCurrentAsync(Cancellation);

        // Windows has no modes; there the profile's folder protects it.
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(FilePath) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public async Task The_key_stays_and_its_version_names_it()
    {
        var first = await new LocalKeySource(FilePath).ReadCurrentAsync(Cancellation);
        var again = new LocalKeySource(FilePath);

        Assert.Equal(first.Version, (await again.ReadVersionAsync(first.Version, Cancellation))?.Version);
        Assert.Null(await again.ReadVersionAsync(new string('0', 32), Cancellation));
        Assert.Null(await again.ReadPreviousAsync(first, Cancellation));
    }

    [Fact]
    public async Task A_line_more_is_a_new_version_and_a_hash_disables_one()
    {
        var source = new LocalKeySource(FilePath);
        var first = await source.ReadCurrentAsync(Cancellation);
        await File.AppendAllTextAsync(FilePath, $"\n{new string('b', 64)}\n", Cancellation);

        var second = await source.ReadCurrentAsync(Cancellation);
        Assert.NotEqual(first.Version, second.Version);
        Assert.Equal(first.Version, (await source.ReadVersionAsync(first.Version, Cancellation))?.Version);
        Assert.Equal(first.Version, (await source.ReadPreviousAsync(second, Cancellation))?.Version);

        await File.WriteAllTextAsync(FilePath, "#" + await File.ReadAllTextAsync(FilePath, Cancellation), Cancellation);
        Assert.Null(await source.ReadVersionAsync(first.Version, Cancellation));
        Assert.Null(await source.ReadPreviousAsync(second, Cancellation));
        Assert.Equal([(first.Version, false), (second.Version, true)], (await source.ListVersionsAsync(Cancellation)).Select(version => (version.Version, version.IsEnabled)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("#aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task A_file_without_an_enabled_key_is_refused(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        await File.WriteAllTextAsync(FilePath, text, Cancellation);

        await Assert.ThrowsAsync<KeySourceException>(() => new LocalKeySource(FilePath).ReadCurrentAsync(Cancellation));
    }

    [Fact]
    public async Task A_file_that_holds_no_key_is_refused_and_not_repeated()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        await File.WriteAllTextAsync(FilePath, "hunter2", Cancellation);

        var refused = await Assert.ThrowsAsync<KeySourceException>(() => new LocalKeySource(FilePath).ReadCurrentAsync(Cancellation));

        Assert.DoesNotContain("hunter2", refused.Message, StringComparison.Ordinal);
    }
}
