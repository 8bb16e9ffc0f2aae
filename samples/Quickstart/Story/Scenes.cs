using System.Net;
using System.Text.Json;

namespace Quickstart.Story;

/// <summary>The steps, and what is remembered from one to the next.</summary>
internal sealed partial class Scenes
{
    private const string Private = "ada@calendar.example";
    private const string PrivateId = "cal_1815";
    private const string Work = "ada.work@calendar.example";
    private const string WorkId = "cal_1843";

    private readonly HttpClient http;
    private readonly StoryPlace place;
    private readonly TimeProvider time;
    private readonly Witness witness;
    private readonly Backend backend;
    private readonly ConnectWindow window;
    private readonly Browser adasBrowser;

    private string ada = "", bob = "";
    private string session = "", privateGrant = "", workGrant = "", revokedAt = "";
    private Uri destination;
    private CalendarStatistics before = new(0, 0, 0);

    public Scenes(HttpClient http, StoryPlace place, TimeProvider time, Witness witness)
    {
        (this.http, this.place, this.time, this.witness, destination) = (http, place, time, witness, place.Vault);
        backend = new Backend(http, place);
        adasBrowser = new Browser(http);
        window = new ConnectWindow(adasBrowser, place);
    }

    public IReadOnlyList<(string Title, Func<CancellationToken, Task> Play)> InOrder =>
    [
        ("The shop shows its page", ShopAsync),
        ("Ada signs in (code, PKCE)", async cancellation => ada = await new IdentityClient(http, place).SignInAsync(adasBrowser, "ada", cancellation)),
        ("A forged token is refused (invalid_user_token)", ForgedAsync),
        ("The shop mints a Connect session", MintAsync),
        ("The Connect page opens it and names Ada", OpenAsync),
        ("In Bob's browser the link connects nothing (user_mismatch)", OtherBrowserAsync),
        ("In Ada's the calendar is asked, with state and PKCE; the flow is bound to the browser", AuthorizeAsync),
        ("Ada signs in at the calendar and consents", async cancellation => destination = await window.ConsentAsync(destination, PrivateId, cancellation)),
        ("The callback leads back to the Connect page", async cancellation =>
            StoryFault.Expect("session after the callback is the one before", true, session == await window.ReturnAsync(destination, cancellation))),
        ("The session is complete, the grant is Ada's", CompleteAsync),
        ("The used session connects nothing more (connect_session_used)", async cancellation =>
            (await window.AuthorizeAsync(session, cancellation)).ExpectError(HttpStatusCode.Gone, "connect_session_used")),
        ("A call reaches the calendar with the vault's token", CallAsync),
        ("The token expires; the next call renews it, once", RenewAsync),
        ("Ada connects her second account", ConnectSecondAsync),
        ("A call must say which (ambiguous_grant)", AmbiguousAsync),
        ("With X-Alter-Account it goes through", async cancellation => (await backend.EventsAsync(ada, cancellation, account: Work)).Expect(HttpStatusCode.OK)),
        ("Removing an event is denied by the shop's policy (policy_violation)", DeniedAsync),
        ("The record has the denied call, and says why", RecordedAsync),
        ("The list shows both accounts", ListAsync),
        ("Bob sees none of it (grant_not_found)", StrangerAsync),
        ("Ada revokes one", RevokeAsync),
        ("The next call with it is refused (grant_revoked)", RevokedAsync),
        ("Revoking twice answers the first time's instant", RevokeAgainAsync),
        ("The calendar was told", ToldAsync),
        ("A host that is not the calendar's is refused (url_not_allowed)", ElsewhereAsync),
        ("A required scope that Ada left out is missed (scope_reauth_required)", LeftOutAsync),
        ("She allows it, and the call goes through", AllowedAsync),
        ("A grant of a few seconds ends by itself (grant_expired)", ExpireAsync),
        ("Ada removes the shop at the calendar; the next renewal tells (credential_revoked)", RemovedAsync),
        ("She connects again, and the same grant works", ReconnectedAsync),
        ("No answer of the vault held a token", NoTokenAsync),
    ];

    private async Task ShopAsync(CancellationToken cancellationToken)
    {
        var page = (await new Browser(http).GetAsync(place.Shop, cancellationToken)).Expect(HttpStatusCode.OK);
        StoryFault.Expect("title of the shop's page is there", true, page.Text.Contains("<title>", StringComparison.OrdinalIgnoreCase));
    }

    private async Task CallAsync(CancellationToken cancellationToken)
    {
        var events = (await backend.EventsAsync(ada, cancellationToken)).Expect(HttpStatusCode.OK);
        StoryFault.Expect("Ada's own event is among them", true, events.Text.Contains("Analytical Engine", StringComparison.Ordinal));
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        before = await CalendarStatistics.ReadAsync(http, place, cancellationToken);
        await Task.Delay(place.AccessTokenLifetime + TimeSpan.FromMilliseconds(500), time, cancellationToken);
        await CallAsync(cancellationToken);
        var after = await CalendarStatistics.ReadAsync(http, place, cancellationToken);
        StoryFault.Expect("refreshes at the calendar", before.Refreshes + 1, after.Refreshes);
        StoryFault.Expect("refresh tokens used twice", 0, after.RefreshReuses);
    }

    private async Task AmbiguousAsync(CancellationToken cancellationToken)
    {
        var refusal = (await backend.EventsAsync(ada, cancellationToken)).ExpectError(HttpStatusCode.Conflict, "ambiguous_grant");
        StoryFault.Expect("account_identifiers", $"{Work}, {Private}", Sorted(refusal.Json.GetProperty("account_identifiers").EnumerateArray()));
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var list = (await backend.ListAsync(ada, cancellationToken)).Expect(HttpStatusCode.OK);
        StoryFault.Expect("accounts", $"{Work}, {Private}", Sorted(list.Json.GetProperty("grants").EnumerateArray().Select(grant => grant.GetProperty("account_identifier"))));
        StoryFault.Expect("total", "2", list["total"]);
    }

    private static string Sorted(IEnumerable<JsonElement> texts) => string.Join(", ", texts.Select(text => text.GetString()).Order(StringComparer.Ordinal));
}
