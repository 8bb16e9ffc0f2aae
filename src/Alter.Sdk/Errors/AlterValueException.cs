using System.Text.Json;

namespace Alter.Sdk;

/// <summary>The call itself is wrong: <c>invalid_request</c>, <c>url_not_allowed</c>, <c>method_not_allowed</c>, <c>request_too_large</c>.</summary>
public sealed class AlterValueException : AlterException
{
    internal AlterValueException(AlterProblem problem)
        : base(problem)
    {
        UrlHost = problem.Text("url_host");
        AllowedHosts = problem.Texts("allowed_hosts");
        Limit = problem.Number("limit");
        Errors = AlterProblem.Member(problem.Members, "errors") is { ValueKind: JsonValueKind.Object } errors
            ? errors.EnumerateObject().ToDictionary(field => field.Name, Messages)
            : new Dictionary<string, IReadOnlyList<string>>();
    }

    /// <summary>What is wrong, by field; empty where no field is to blame.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Errors { get; }

    /// <summary>The host that was called, where the provider does not have it.</summary>
    public string? UrlHost { get; }

    /// <summary>The hosts the provider has, where another one was called.</summary>
    public IReadOnlyList<string> AllowedHosts { get; }

    /// <summary>What may not be exceeded, where something was too large.</summary>
    public int? Limit { get; }

    private static IReadOnlyList<string> Messages(JsonProperty field) =>
        field.Value.ValueKind is JsonValueKind.Array ? [.. field.Value.EnumerateArray().Select(AlterProblem.TextOf).OfType<string>()] : [];

    internal static AlterValueException Of(string detail) => new(new AlterProblem { Code = "invalid_request", Detail = detail, Action = AlterAction.FixCall });

    internal static AlterValueException TooLarge(string detail) => new(new AlterProblem { Code = "request_too_large", Detail = detail, Action = AlterAction.FixCall });
}
