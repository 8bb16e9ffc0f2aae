namespace Quickstart.Shop;

/// <summary>The shop's own errors, in the shape of the vault's, so that the page shows both alike.</summary>
internal static class ShopProblem
{
    public static IResult Of(int status, string code, string detail, string action = "none") =>
        Results.Json(new { title = code, status, code, detail, action }, statusCode: status, contentType: "application/problem+json");
}
