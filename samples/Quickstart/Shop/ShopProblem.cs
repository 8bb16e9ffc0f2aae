namespace Quickstart.Shop;

/// <summary>The shop's own errors, in the shape of the vault's, so that the page shows both alike.</summary>
internal static class ShopProblem
{
    public static IResult UnknownProvider => Of(StatusCodes.Status400BadRequest, "unknown_provider", "The shop offers calendar and tasks.", "fix_call");

    public static IResult Of(int status, string code, string title, string action = "none") =>
        Results.Json(new { title, status, code, action }, statusCode: status, contentType: "application/problem+json");
}
