namespace Alter.Sdk;

/// <summary>On whose behalf a call is made.</summary>
internal sealed class UserTokens(AlterOptions options)
{
    internal const int MaxLength = 16 * 1024;

    /// <summary>The JWT of one call, read at the moment it is made; null where the app has no users, or none is needed.</summary>
    /// <param name="given">What the call itself brings.</param>
    /// <param name="isOptional">Whether the grant is named by its id, which needs no user where the app key has <c>grants:any_user</c>.</param>
    /// <param name="cancellationToken">Handed to the getter.</param>
    internal async ValueTask<string?> ForCallAsync(string? given, bool isOptional, CancellationToken cancellationToken)
    {
        var token = given;
        if (string.IsNullOrEmpty(token) && options.UserToken is { } current)
        {
            token = await current(cancellationToken).ConfigureAwait(false);
            if (string.IsNullOrEmpty(token) && !isOptional)
            {
                throw InvalidUserTokenException.Missing();
            }
        }

        if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        if (token.Length > MaxLength)
        {
            throw AlterValueException.TooLarge($"The user token is longer than {MaxLength} characters.");
        }

        return HeaderText.IsToken(token) ? token : throw InvalidUserTokenException.Malformed();
    }
}
