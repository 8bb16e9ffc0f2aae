using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Quickstart.Calendar.Api;

/// <summary>Who calls the API, and what its token allows.</summary>
internal static class Caller
{
    /// <summary>One policy per scope, named like the scope.</summary>
    public static void AddCalendarPolicies(this AuthorizationBuilder policies)
    {
        foreach (var scope in (string[])[CalendarScopes.Read, CalendarScopes.Write])
        {
            policies.AddPolicy(scope, policy => policy.RequireAuthenticatedUser().RequireAssertion(call => call.User.HasScope(scope)));
        }
    }

    /// <summary>The account of a token that was accepted.</summary>
    public static CalendarAccount Account(this ClaimsPrincipal caller) =>
        CalendarAccount.Find(caller.GetClaim(Claims.Subject)) ?? throw new InvalidOperationException("A token of no account was accepted.");
}
