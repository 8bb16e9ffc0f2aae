using Google.Apis.Requests;
using Google.Apis.Services;
using Newtonsoft.Json;

namespace Samples.Worker.Google;

/// <summary>
/// The quickstart's calendar as Google generates clients: <see cref="BaseClientService"/> and <see cref="ClientServiceRequest{T}"/> are what
/// <c>Google.Apis.Calendar.v3</c>, Drive and Gmail are made of. For those, exchange this class and leave out <c>BaseUri</c>.
/// </summary>
internal sealed class CalendarService(BaseClientService.Initializer initializer) : BaseClientService(initializer)
{
    public override string Name => "calendar";

    public override string BaseUri => BaseUriOverride;

    public override string BasePath => "api/";

    public override IList<string> Features => [];

    public ListEventsRequest ListEvents() => new(this);
}

internal sealed class ListEventsRequest : ClientServiceRequest<EventsPage>
{
    public ListEventsRequest(IClientService service)
        : base(service) => InitParameters();

    public override string MethodName => "list";

    public override string HttpMethod => "GET";

    public override string RestPath => "events";
}

internal sealed record EventsPage
{
    [JsonProperty("account")]
    public string Account { get; init; } = "";

    [JsonProperty("events")]
    public IList<CalendarEvent> Events { get; init; } = [];
}

internal sealed record CalendarEvent
{
    [JsonProperty("title")]
    public string Title { get; init; } = "";

    [JsonProperty("starts_at")]
    public DateTimeOffset StartsAt { get; init; }
}
