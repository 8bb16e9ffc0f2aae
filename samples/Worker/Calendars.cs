using Alter.Sdk;
using Google.Apis.Services;
using Samples.Worker.Google;

namespace Samples.Worker;

/// <summary>Calendars by grant, through a library of Google's that knows nothing of the vault.</summary>
internal sealed class Calendars(AlterApp alter, DigestOptions options)
{
    public async Task<EventsPage> EventsAsync(Guid grantId, CancellationToken cancellationToken)
    {
        using var calendar = new CalendarService(new BaseClientService.Initializer
        {
            ApplicationName = "digest",
            BaseUri = new Uri(options.Calendar, "api/").AbsoluteUri,
            HttpClientFactory = new AlterGoogleHttpClientFactory(alter, GrantSelector.ById(grantId)),
        });
        var request = calendar.ListEvents();
        request.ModifyRequest = message => message.Options.Set(CallOptions.Key, new CallOptions { Caller = "digest", Reason = "the daily digest" });
        return await request.ExecuteAsync(cancellationToken);
    }
}
