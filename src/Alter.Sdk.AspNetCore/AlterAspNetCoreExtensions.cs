using Alter.Sdk;
using Alter.Sdk.AspNetCore;
using Microsoft.AspNetCore.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>What the vault's SDK does in ASP.NET Core.</summary>
public static class AlterAspNetCoreExtensions
{
    /// <summary>Calls are made on behalf of the user signed in to the current request: their bearer token, or the tokens saved at sign-in.</summary>
    /// <param name="builder">What <c>AddAlter</c> returned.</param>
    /// <param name="tokenNames">Which saved token, the first that is a JWT; <c>access_token</c>, then <c>id_token</c> unless given.</param>
    /// <remarks>Read when a call is made. Where there is no request, calls by provider throw <see cref="InvalidUserTokenException"/>.</remarks>
    public static IAlterBuilder WithUserTokenFromRequest(this IAlterBuilder builder, params string[] tokenNames)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(tokenNames);
        string[] names = tokenNames.Length > 0 ? tokenNames : ["access_token", "id_token"];
        builder.Services.AddHttpContextAccessor();
        return builder.WithUserToken((services, _) => RequestUserToken.ReadAsync(services.GetRequiredService<IHttpContextAccessor>().HttpContext, names));
    }

    /// <summary>Answers requests that end in an <see cref="AlterException"/> with a problem document for the front end. The app calls <c>UseExceptionHandler()</c>.</summary>
    public static IServiceCollection AddAlterProblems(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddExceptionHandler<AlterProblemAnswer>();
        services.AddProblemDetails(); // UseExceptionHandler() without a path needs it for everything that is not ours.
        return services;
    }
}
