using Alter.Apps;
using Alter.Forwarding;
using Alter.Grants;
using Alter.Identity;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Http;

/// <summary>The app behind a request, by its key.</summary>
public sealed record Caller(AppConfiguration App, AppKey Key)
{
    /// <summary>Whether the key may act for a user it holds no token of.</summary>
    public bool MayActForAnyUser => Key.Scopes.Contains(AppKeyScopes.GrantsAnyUser);
}

/// <summary>On whose behalf a request is made.</summary>
/// <param name="Id">The user, or the app itself.</param>
/// <param name="Label">What people call them.</param>
public sealed record ActingUser(UserId Id, string Label)
{
    /// <summary>The groups of the user's token; null: it names none.</summary>
    public IReadOnlyList<string>? Groups { get; init; }
}

/// <summary>Finds out who calls: first the app by its key, then, only for that app, the user by the JWT.</summary>
public sealed class CallerAuthentication(AppKeys keys, KeyUse keyUse, UserTokenVerifier users, GrantOwners owners, PrepareFirstCall preparation)
{
    private const string Scheme = "Bearer ";

    /// <summary>The app, if its key has the scope.</summary>
    /// <returns>The caller, or <see cref="InvalidRequest"/> from a browser, <see cref="InvalidApiKey"/>, <see cref="InsufficientScope"/>.</returns>
    public Outcome<Caller> Identify(HttpRequest request, string scope) =>
        !Identify(request).Succeeded(out var caller, out var refusal) ? refusal
        : caller.Key.Scopes.Contains(scope) ? caller
        : new InsufficientScope(scope);

    /// <summary>The app, by any of its keys.</summary>
    /// <returns>The caller, or <see cref="InvalidRequest"/> from a browser, <see cref="InvalidApiKey"/>.</returns>
    public Outcome<Caller> Identify(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);

        // An app key in a browser is an incident. Not Sec-Fetch-Mode: Node's own fetch sends that one.
        if (request.Headers.ContainsKey("Origin") || request.Headers.ContainsKey("Sec-Fetch-Site"))
        {
            return new InvalidRequest("This endpoint is for backends. If this call came from a browser, its app key is no longer secret: replace it.");
        }

        var header = request.Headers.Authorization;
        var presented = header.Count == 1 && header[0] is { } text && text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? text.AsSpan(Scheme.Length).Trim() : "";
        if (!keys.FindApp(presented, CallerAddresses.Of(request.HttpContext)).Succeeded(out var found, out var refusal))
        {
            return refusal;
        }

        if (RequestEntry.Of(request.HttpContext) is { } known)
        {
            (known.App, known.KeyId, known.KeyIsDeprecated) = (found.App.Id, found.Key.Id, found.Key.IsDeprecated);
        }

        preparation.Begin();
        keyUse.Note(found.App, found.Key);
        return new Caller(found.App, found.Key);
    }

    /// <summary>The user a request is for.</summary>
    /// <param name="caller">The app.</param>
    /// <param name="request">Its header is read.</param>
    /// <param name="bodyToken">The body's member, where an endpoint has it.</param>
    /// <param name="cancellationToken">Stops the verification.</param>
    /// <returns>The user, or <see cref="InvalidUserToken"/>, <see cref="InvalidRequest"/>.</returns>
    public async ValueTask<Outcome<ActingUser>> IdentifyUserAsync(Caller caller, HttpRequest request, string? bodyToken, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (!TokenOf(request, bodyToken).Succeeded(out var token, out var refusal))
        {
            return refusal;
        }

        if (caller.App.OwnsItsGrants)
        {
            return token.Length == 0
                ? new ActingUser(UserId.AppItself(caller.App.Id), caller.App.Name)
                : InvalidRequest.Field(ControlHeaders.UserToken, "This app has no identity provider: its grants belong to the app itself.");
        }

        if (token.Length == 0)
        {
            return new InvalidUserToken($"This call acts for a user: pass the user's JWT in {ControlHeaders.UserToken}.", InvalidUserTokenReasons.Missing);
        }

        return (await users.VerifyAsync(caller.App, token, cancellationToken)).Succeeded(out var user, out refusal)
            ? new ActingUser(user.Id, user.Label) { Groups = user.Groups }
            : refusal;
    }

    /// <summary>Whose grants a request may use: a user's, or any of the app's where the key may and the grant is named by id.</summary>
    /// <returns>The owner, or a refusal; null inside: any user's of this app.</returns>
    public async ValueTask<Outcome<GrantScope>> IdentifyOwnerAsync(Caller caller, HttpRequest request, bool namesGrant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(request);
        if (namesGrant && caller.MayActForAnyUser && !caller.App.OwnsItsGrants && !request.Headers.ContainsKey(ControlHeaders.UserToken))
        {
            return new GrantScope(null);
        }

        if (!(await IdentifyUserAsync(caller, request, null, cancellationToken)).Succeeded(out var user, out var refusal))
        {
            return refusal;
        }

        var owner = await owners.OfAsync(user.Id, cancellationToken);
        if (RequestEntry.Of(request.HttpContext) is { } known)
        {
            known.User = owner.Hash;
        }

        return new GrantScope(owner) { Groups = user.Groups };
    }

    private static Outcome<string> TokenOf(HttpRequest request, string? bodyToken)
    {
        var header = request.Headers[ControlHeaders.UserToken];
        if (header.Count > 1)
        {
            return InvalidRequest.Field(ControlHeaders.UserToken, "It must be there once.");
        }

        var headerToken = header.ToString();
        if (headerToken.Length > 0 && !string.IsNullOrEmpty(bodyToken) && headerToken != bodyToken)
        {
            return InvalidRequest.Field("user_token", $"It differs from {ControlHeaders.UserToken}.");
        }

        var token = headerToken.Length > 0 ? headerToken : bodyToken ?? "";
        const int MaxLength = 16 * 1024;
        return token.Length > MaxLength ? new RequestTooLarge("The user token is longer than 16 KiB.", MaxLength) : token;
    }
}

/// <summary>Whose grants a call may use.</summary>
/// <param name="Owner">Null: any user's of the calling app.</param>
public sealed record GrantScope(GrantOwner? Owner)
{
    /// <summary>The groups of the user's token; null: there is none, or it names none.</summary>
    public IReadOnlyList<string>? Groups { get; init; }
}
