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
[JsonSerializable(typeof(EvaluateBody))]
[JsonSerializable(typeof(EvaluateAnswer))]
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

/// <summary>The body of <c>POST /sdk/policies/evaluate</c>.</summary>
internal sealed record EvaluateBody(string? Provider, Guid? GrantId, string? Account, string Method, string Url, DateTimeOffset? At, string? CallerAddress)
{
    public override string ToString() => "[evaluate body]";
}

/// <summary>The answer to it.</summary>
internal sealed record EvaluateAnswer(bool Allowed, string? Provider, Guid GrantId, DateTimeOffset At, string? CallerAddress, IReadOnlyList<VerdictAnswer?>? Verdicts);

/// <summary>One verdict of it.</summary>
internal sealed record VerdictAnswer(string? Policy, string? Kind, string? Scope, bool Allowed, string? Rule, string? Message, int? RetryAfter);

/// <summary>The body of <c>POST /sdk/users/verify</c>.</summary>
internal sealed record VerifyBody(string UserToken)
{
    public override string ToString() => "[verify body]";
}
