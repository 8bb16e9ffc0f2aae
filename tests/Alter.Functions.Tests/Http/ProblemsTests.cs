using System.Collections;
using System.Reflection;
using Alter.Functions.Tests.Running;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Tests.Http;

/// <summary>The built vault's table of problems against the contract's. The assembly is read from the folder it runs in; nothing of it is linked into the tests.</summary>
public sealed class ProblemsTests
{
    // code, status, action, as documented.
    private static readonly (string Code, int Status, string Action)[] Contract =
    [
        ("invalid_request", 400, "fix_call"),
        ("url_not_allowed", 400, "fix_call"),
        ("method_not_allowed", 405, "fix_call"),
        ("request_too_large", 413, "fix_call"),
        ("not_found", 404, "fix_call"),
        ("invalid_api_key", 401, "fix_configuration"),
        ("invalid_user_token", 401, "fix_call"),
        ("insufficient_scope", 403, "fix_configuration"),
        ("policy_violation", 403, "none"),
        ("scope_reauth_required", 403, "connect"),
        ("grant_expired", 403, "connect"),
        ("grant_revoked", 403, "connect"),
        ("credential_revoked", 403, "connect"),
        ("key_unavailable", 403, "connect"),
        ("grant_not_found", 404, "connect"),
        ("ambiguous_grant", 409, "choose_account"),
        ("token_refresh_in_progress", 409, "retry"),
        ("connect_session_expired", 410, "connect"),
        ("connect_session_used", 410, "connect"),
        ("connect_denied", 403, "connect"),
        ("user_mismatch", 403, "connect"),
        ("connect_flow_invalid", 400, "connect"),
        ("connect_config", 502, "fix_configuration"),
        ("provider_unreachable", 502, "retry"),
        ("provider_timeout", 504, "retry"),
        ("wallet_session_expired", 403, "none"),
        ("audit_unavailable", 503, "retry"),
        ("vault_unavailable", 503, "retry"),
        ("integrity_failure", 500, "none"),
        ("internal_error", 500, "none"),
    ];

    /// <summary>Every code of the contract that this version uses, with its status.</summary>
    internal static IEnumerable<(string Code, int Status)> Documented => Contract.Select(row => (row.Code, row.Status));

    // Refusals that are always turned into another before a caller sees them.
    private static readonly string[] Inner = ["InvalidGrant", "SecretUnavailable", "IdTokenInvalid"];

    private static readonly Assembly Functions = Assembly.LoadFrom(Path.Combine(RunningVault.AppDirectory, "Alter.Functions.dll"));

    [Fact]
    public void The_table_is_the_contracts()
    {
        var rows = Rows().Select(row => (Refusal.CodeOf(row.Refusal), row.Status, row.Action)).OrderBy(row => row.Item1, StringComparer.Ordinal);
        Assert.Equal(Contract.OrderBy(row => row.Code, StringComparer.Ordinal), rows);
    }

    [Fact]
    public void Every_refusal_has_a_row_or_never_leaves_the_vault()
    {
        var refusals = new[] { typeof(Refusal).Assembly, Functions }
            .SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => type.IsSubclassOf(typeof(Refusal)) && !type.IsAbstract)
            .ToHashSet();
        Assert.Equal(Inner.Order(), refusals.Except(Rows().Select(row => row.Refusal)).Select(type => type.Name).Order());
    }

    [Fact]
    public void No_two_rows_have_one_title()
    {
        var titles = Rows().Select(row => row.Title).ToArray();
        Assert.Equal(titles.Length, titles.Distinct().Count());
    }

    [Fact]
    public async Task A_refusal_without_a_row_stays_inside_the_vault()
    {
        var context = new DefaultHttpContext();
        using var body = new MemoryStream();
        context.Response.Body = body;
        var from = Functions.GetType("Alter.Functions.Http.Problems")!.GetMethod("From")!;

        await ((IResult)from.Invoke(null, [new Nameless()])!).ExecuteAsync(context);

        var text = System.Text.Encoding.UTF8.GetString(body.ToArray());
        Assert.Equal((500, "internal_error"), (context.Response.StatusCode, (string?)System.Text.Json.Nodes.JsonNode.Parse(text)!["code"]));
        Assert.DoesNotContain("not for callers", text, StringComparison.Ordinal);
    }

    private static IEnumerable<(Type Refusal, int Status, string Title, string Action)> Rows()
    {
        var table = (IEnumerable)Functions.GetType("Alter.Functions.Http.Problems")!.GetProperty("Table")!.GetValue(null)!;
        foreach (var entry in table)
        {
            var row = Get(entry, "Value")!;
            yield return ((Type)Get(entry, "Key")!, (int)Get(row, "Status")!, (string)Get(row, "Title")!, (string)Get(row, "Action")!);
        }

        static object? Get(object from, string property) => from.GetType().GetProperty(property)!.GetValue(from);
    }

    private sealed record Nameless() : Refusal("These words are not for callers.");
}
