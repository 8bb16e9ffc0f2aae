using Alter.Storage;

namespace Alter.Tests.Storage;

public sealed class OperationIdTests
{
    [Fact]
    public async Task No_two_are_alike_whichever_thread_makes_them()
    {
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 1000).Select(_ => OperationId.New()).ToArray())));
        var all = made.SelectMany(ids => ids).ToArray();

        Assert.Equal(8000, all.Distinct().Count());
        Assert.All(all, id => Assert.Matches("^[0-9a-f]{32}$", id));
    }
}
