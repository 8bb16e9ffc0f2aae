using Alter.Sdk;

namespace Quickstart.Shop;

/// <summary>An ordinary typed client of the calendar's API. It knows neither vault nor token: <c>UseAlter</c> puts both below it.</summary>
internal sealed class CalendarClient(HttpClient http)
{
    public sealed record Event(string Id, string Title, DateTimeOffset StartsAt, int Minutes);

    public sealed record Page(string Account, IReadOnlyList<Event> Events);

    /// <summary>The user's events.</summary>
    /// <param name="grant">With which of the user's connections.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="HttpRequestException">The calendar itself refused; what the vault refuses is an <see cref="AlterException"/>.</exception>
    public async Task<Page> EventsAsync(GrantSelector grant, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/events");
        request.Options.Set(GrantSelector.Key, grant);
        using var response = await http.SendAsync(request, cancellationToken);
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Page>(ShopJson.Options, cancellationToken))!;
    }
}
