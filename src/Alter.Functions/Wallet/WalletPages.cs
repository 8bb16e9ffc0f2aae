using Alter.Functions.Connect;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Wallet;

/// <summary>The Wallet's documents. Unlike those of Connect they have no opener to talk to: <c>COOP: same-origin</c> cuts every tie.</summary>
internal static class WalletPages
{
    private const string Isolated = "same-origin";

    /// <summary>The Wallet.</summary>
    internal static IResult Wallet { get; } = ConnectPages.Document("wallet.html", Isolated);

    /// <summary>The page for a sign-in that came to nothing: it reflects nothing of the request.</summary>
    internal static IResult Failure(Refusal refusal) => ConnectPages.Failure(refusal, "wallet-failed.html", "wallet_failed", Isolated);
}
