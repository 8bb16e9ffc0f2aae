using System.Text;
using Alter.Audit;
using Alter.Functions.Http;
using Alter.Wallet;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Wallet;

/// <summary><c>GET /wallet/activity</c>: who called what with the person's accounts; as JSON by pages, or all that the filters find as CSV.</summary>
public sealed class ListWalletActivity(WalletCallers callers, WalletActivity activity)
{
    [Function(nameof(ListWalletActivity))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "wallet/activity")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        if (!(await callers.IdentifyAsync(request, cancellationToken)).Succeeded(out var session, out var refusal)
            || !WalletActivityRequest.Read(request.Query).Succeeded(out var asked, out refusal))
        {
            return WalletCallers.Refused(request, refusal);
        }

        if (!asked.IsExport)
        {
            return (await activity.ListAsync(session, asked.Query, cancellationToken)).Succeeded(out var page, out refusal)
                ? Results.Json(new { entries = page.Entries.Select(WalletActivityEntry.Of), next_cursor = page.Next }, WireJson.Write)
                : WalletCallers.Refused(request, refusal);
        }

        return (await activity.ExportAsync(session, asked.Query.App, asked.Query.Filter, cancellationToken)).Succeeded(out var entries, out refusal)
            ? Results.File(Encoding.UTF8.GetBytes(AuditCsv.Of(entries)), "text/csv; charset=utf-8", "activity.csv")
            : WalletCallers.Refused(request, refusal);
    }
}
