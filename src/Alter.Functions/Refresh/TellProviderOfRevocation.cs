using Alter.Grants;
using Alter.Storage;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Refresh;

/// <summary>Queue <c>revoke</c>: tells a provider that a grant has ended.</summary>
public sealed class TellProviderOfRevocation(RevokeAtProvider revocation)
{
    [Function(nameof(TellProviderOfRevocation))]
    public async Task Run(
        [QueueTrigger(AlterQueues.Revoke, Connection = AlterStorageOptions.Connection)] string message,
        CancellationToken cancellationToken)
    {
        if (GrantMessage.Parse(message) is { } grant)
        {
            await revocation.RunAsync(grant, cancellationToken);
        }
    }
}
