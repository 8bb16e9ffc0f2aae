using Alter.FunctionsHost;

namespace Alter.Tests.FunctionsHost;

public sealed class QueueConnectionTests
{
    [Fact]
    public void Name_and_connection_come_from_settings()
    {
        var opened = QueueConnection.Open(
            new QueueTrigger("message", "%Queue%", "AlterStorage"), SettingsTests.Given(("Queue", "work"), ("AlterStorage", "UseDevelopmentStorage=true")), out _);
        Assert.Equal(("work", "work-poison"), (opened?.Queue.Name, opened?.Poison.Name));
    }

    [Fact]
    public void Without_a_connection_the_hosts_own_storage_is_meant() =>
        Assert.NotNull(QueueConnection.Open(new QueueTrigger("message", "work", ""), SettingsTests.Given(("AzureWebJobsStorage", "UseDevelopmentStorage=true")), out _));

    [Theory]
    [InlineData("Other", "x", "needs the setting \"AlterStorage\"")]
    [InlineData("AlterStorage__queueServiceUri", "https://acme.queue.core.windows.net", "needs an Azure identity")]
    [InlineData("AlterStorage", "AccountKey=hunter2", "no storage connection string")]
    public void An_unusable_connection_is_one_line_without_its_text(string name, string value, string reason)
    {
        Assert.Null(QueueConnection.Open(new QueueTrigger("message", "work", "AlterStorage"), SettingsTests.Given((name, value)), out var fault));
        Assert.Contains(reason, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", fault, StringComparison.Ordinal);
    }
}
