using System.Net;

namespace Quickstart.Story;

/// <summary>What the calendar was asked so far.</summary>
internal sealed record CalendarStatistics(int Refreshes, int RefreshReuses, int Revocations)
{
    public static async Task<CalendarStatistics> ReadAsync(HttpClient http, StoryPlace place, CancellationToken cancellationToken)
    {
        var url = new Uri(place.Calendar, "/demo/stats");
        using var response = await http.GetAsync(url, cancellationToken);
        var json = new Answer(url, response.StatusCode, null, await response.Content.ReadAsStringAsync(cancellationToken)).Expect(HttpStatusCode.OK).Json;
        return new CalendarStatistics(json.GetProperty("refreshes").GetInt32(), json.GetProperty("refresh_reuses").GetInt32(), json.GetProperty("revocations").GetInt32());
    }
}
