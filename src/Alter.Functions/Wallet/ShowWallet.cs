using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Wallet;

/// <summary><c>GET /wallet</c>: the page where people see and take back what they have connected. Who they are its script asks.</summary>
public sealed class ShowWallet
{
    [Function(nameof(ShowWallet))]
    public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "wallet")] HttpRequest request) => WalletPages.Wallet;
}
