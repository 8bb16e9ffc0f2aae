using System.Text.Json.Serialization;

namespace Alter.Sdk;

/// <summary>JSON as the wire has it, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ConnectSessionRequest))]
[JsonSerializable(typeof(ConnectSession))]
[JsonSerializable(typeof(ConnectStatusAnswer))]
[JsonSerializable(typeof(CompleteBody))]
[JsonSerializable(typeof(CompleteAnswer))]
[JsonSerializable(typeof(GrantPage))]
[JsonSerializable(typeof(AuditPage))]
[JsonSerializable(typeof(Revocation))]
[JsonSerializable(typeof(RevokeBody))]
[JsonSerializable(typeof(VerifiedUser))]
[JsonSerializable(typeof(VerifyBody))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class WireJson : JsonSerializerContext;

/// <summary>The answer of <c>POST /sdk/oauth/connect/status</c>.</summary>
internal sealed record ConnectStatusAnswer(string? Status, IReadOnlyList<Grant>? Grants, string? Error, string? ErrorDescription);

/// <summary>The body of <c>POST /sdk/oauth/connect/complete</c>.</summary>
internal sealed record CompleteBody(string CompletionCode)
{
    public override string ToString() => "[complete body]";
}

/// <summary>The answer to it.</summary>
internal sealed record CompleteAnswer(IReadOnlyList<Grant>? Grants);

/// <summary>The body of <c>DELETE /sdk/grants/{grant_id}</c>.</summary>
internal sealed record RevokeBody(string Reason);

/// <summary>The body of <c>POST /sdk/users/verify</c>.</summary>
internal sealed record VerifyBody(string UserToken)
{
    public override string ToString() => "[verify body]";
}
