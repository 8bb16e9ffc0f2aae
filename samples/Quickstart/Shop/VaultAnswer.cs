namespace Quickstart.Shop;

/// <summary>Hands the vault's answer to the page.</summary>
internal static class VaultAnswer
{
    /// <param name="answer">What came back.</param>
    /// <param name="proxied">It may be a provider's.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<IResult> ForPageAsync(HttpResponseMessage answer, bool proxied, CancellationToken cancellationToken)
    {
        var status = (int)answer.StatusCode;
        var isJson = answer.Content.Headers.ContentType?.MediaType is "application/json" or "application/problem+json";
        var ofVault = !proxied || answer.Headers.Contains("X-Alter-Error"); // A provider's own error comes back without this header.
        if (isJson && (answer.IsSuccessStatusCode || ofVault))
        {
            // A problem of the vault goes on as it is: its code, detail and action are made for showing.
            return Results.Text(await answer.Content.ReadAsStringAsync(cancellationToken), answer.Content.Headers.ContentType!.MediaType, statusCode: status);
        }

        // An answer without this header came from whatever stands in front of the vault.
        return answer.Headers.Contains("X-Alter-Request-Id")
            ? ShopProblem.Of(StatusCodes.Status502BadGateway, "provider_answered", $"The calendar answered {status}.", "retry")
            : ShopProblem.Of(StatusCodes.Status502BadGateway, "vault_unreachable", $"Something that is not the vault answered {status}.", "retry");
    }
}
