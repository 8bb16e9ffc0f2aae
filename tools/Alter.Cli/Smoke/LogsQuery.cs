using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Azure.Core;
using Azure.Identity;

namespace Alter.Cli.Smoke;

/// <summary>Asks the Log Analytics workspace as whoever signed in with <c>az login</c> or <c>azd auth login</c>.</summary>
internal sealed class LogsQuery(OperatorTools tools, OperatorSettings settings)
{
    private const string WorkspaceSetting = "ALTER_LOGS_WORKSPACE_ID";
    private static readonly TokenRequestContext Rights = new(["https://api.loganalytics.io/.default"]);
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    /// <summary>The workspace's own id, a GUID.</summary>
    public string? Workspace => settings.All[WorkspaceSetting];

    /// <summary>Why nothing can be asked; null where it can.</summary>
    public string? Unusable => Guid.TryParse(Workspace, out _) ? null : $"set {WorkspaceSetting} to the id of the workspace, as azd does";

    /// <summary>Runs a query over the last two hours.</summary>
    /// <returns>Rows as text.</returns>
    public async Task<Outcome<List<string[]>>> RunAsync(string query, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        try
        {
            var token = await tools.Credential().GetTokenAsync(Rights, deadline.Token);
            using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(tools.LogsApi, $"v1/workspaces/{Workspace}/query"))
            {
                Content = new StringContent(JsonSerializer.Serialize(new { query, timespan = "PT2H" }), Encoding.UTF8, "application/json"),
            };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Token);
            using var response = await client.SendAsync(request, deadline.Token);
            return (int)response.StatusCode switch
            {
                200 => RowsOf(await response.Content.ReadAsStringAsync(deadline.Token)),
                401 or 403 => new LogsNotRead("you have no right to read the workspace (Log Analytics Reader)"),
                var status => new LogsNotRead($"the workspace answered {status}"),
            };
        }
        catch (Exception e) when (e is AuthenticationFailedException or AggregateException { InnerException: AuthenticationFailedException })
        {
            return new LogsNotRead("sign in first, with az login or azd auth login");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or KeyNotFoundException or InvalidOperationException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new LogsNotRead("the workspace does not answer, or not as documented");
        }
    }

    private static List<string[]> RowsOf(string text)
    {
        using var answer = JsonDocument.Parse(text);
        return [.. answer.RootElement.GetProperty("tables")[0].GetProperty("rows").EnumerateArray().Select(row => row.EnumerateArray().Select(cell => cell.ToString()).ToArray())];
    }
}

/// <summary>The workspace could not be read.</summary>
/// <param name="Detail">Why, in a sentence.</param>
internal sealed record LogsNotRead(string Detail) : Refusal(Detail);
