using System.Text;
using System.Text.Json.Serialization;

namespace Alter;

/// <summary>
/// An expected "no". The type's name in snake case is the wire code; its properties are the extra members of the problem document.
/// Each refusal is a record in the room that raises it.
/// </summary>
/// <param name="Detail">What happened and what to do next, for a developer. Never a token, key, code or JWT.</param>
public abstract record Refusal([property: JsonIgnore] string Detail)
{
    /// <summary>The wire code: <c>AmbiguousGrant</c> is <c>ambiguous_grant</c>.</summary>
    [JsonIgnore]
    public string Code => CodeOf(GetType());

    /// <summary>When a repetition may succeed; becomes <c>Retry-After</c>.</summary>
    [JsonIgnore]
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The wire code of a refusal type.</summary>
    public static string CodeOf(Type refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        var code = new StringBuilder();
        foreach (var c in refusal.Name)
        {
            if (char.IsUpper(c) && code.Length > 0)
            {
                code.Append('_');
            }

            code.Append(char.ToLowerInvariant(c));
        }

        return code.ToString();
    }
}

/// <summary>The request cannot be understood or is not allowed as it stands.</summary>
/// <param name="Detail">What is wrong.</param>
/// <param name="Errors">Field or header name → what is wrong with it.</param>
public sealed record InvalidRequest(string Detail, IReadOnlyDictionary<string, string[]>? Errors = null) : Refusal(Detail)
{
    /// <summary>One field, one message.</summary>
    public static InvalidRequest Field(string field, string message) =>
        new($"{field}: {message}", new Dictionary<string, string[]> { [field] = [message] });
}

/// <summary>A body, header or URL is over its limit.</summary>
/// <param name="Detail">Which one.</param>
/// <param name="Limit">The limit in bytes (or entries, where the detail says so).</param>
public sealed record RequestTooLarge(string Detail, long Limit) : Refusal(Detail);

/// <summary>Something the vault needs is not usable right now: configuration, storage, keys. Nothing was released.</summary>
public sealed record VaultUnavailable : Refusal
{
    public VaultUnavailable(string detail)
        : base(detail) => RetryAfter = TimeSpan.FromSeconds(5);
}

/// <summary>A surprise. The cause is in the log under the request id, never in the answer.</summary>
public sealed record InternalError() : Refusal("The vault met an error it did not expect. Quote the request id to its operator.");
