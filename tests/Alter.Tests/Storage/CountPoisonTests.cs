using Alter.Storage;
using Alter.Testing;
using Azure.Storage.Queues;

namespace Alter.Tests.Storage;

public sealed class CountPoisonTests(OwnAzurite azurite) : IClassFixture<OwnAzurite>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_that_were_given_up_are_counted_by_queue_and_a_queue_that_is_not_there_has_none()
    {
        using var measured = new Measurements("alter.queue.poison");
        using var network = new FakeNetwork();
        var poison = new QueueClient(azurite.ConnectionString, "refresh-poison", new QueueClientOptions(QueueClientOptions.ServiceVersion.V2025_11_05));
        await poison.CreateAsync(cancellationToken: Cancellation);
        await poison.SendMessageAsync("one", Cancellation);
        await poison.SendMessageAsync("two", Cancellation);

        await new CountPoison(new AlterQueues(A.Storage(azurite.ConnectionString, network))).RunAsync(Cancellation);

        Assert.Equal([new Measured("alter.queue.poison", 2, "queue=refresh"), new Measured("alter.queue.poison", 0, "queue=revoke")], measured.All);
        Assert.Equal(2, network.Requests);
    }
}
