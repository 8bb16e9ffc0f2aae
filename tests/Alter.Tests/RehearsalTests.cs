namespace Alter.Tests;

public sealed class RehearsalTests
{
    [Fact]
    public async Task A_call_in_memory_comes_out_as_it_should() => Assert.True(await Rehearsal.RunAsync());
}
