using System.Text;
using Alter.Functions.Tests.Running;
using Alter.Functions.Tests.Telemetry;
using Alter.Testing;
using Microsoft.AspNetCore.WebUtilities;

namespace Alter.Functions.Tests.Story;

/// <summary>After a whole life of connecting, calling, refreshing, denying and revoking: what lies in storage, what stands in the logs and what was exported.</summary>
public sealed class NothingSecretIsKeptTests
{
    private const string CalledPath = "path-of-a-call";

    private readonly Dictionary<string, string> secrets = [];

    [Fact]
    public async Task No_token_key_code_or_account_is_in_storage_in_a_log_or_in_telemetry_in_any_form()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Azurite cannot be asked to end there.");
        await using var collector = await FakeCollector.StartAsync();
        await using var vault = await RunningVault.StartAsync(new RunningSetup
        {
            PersistsStorage = true,
            CalendarTokenLifetime = TimeSpan.FromSeconds(3),
            Settings = collector.Settings.Concat(collector.AzureSettings).ToDictionary(),
        });
        var subject = $"subject-{A.Unique()}";
        var ada = vault.Shop(subject);
        var grantId = await LiveAsync(vault, ada, subject);

        Know("app key", vault.Keys.Shop);
        Know("calendar's client secret", VaultDocument.CalendarSecret);
        Know("erp's client secret", A.ClientSecret);
        Know("key-encryption key", (await File.ReadAllTextAsync(Path.Combine(vault.Folder, "state", "kek"), TestContext.Current.CancellationToken)).Trim());
        foreach (var token in (await new Browser(vault).GoAsync(new Uri(vault.CalendarUrl, "/demo/tokens"))).Is(200).Json.AsArray())
        {
            Know("token of the calendar", (string)token!);
        }

        foreach (var request in vault.Erp.Requests)
        {
            foreach (var name in (string[])["code", "refresh_token", "code_verifier"])
            {
                Know($"{name} at erp", request.Form.GetValueOrDefault(name));
            }

            Know("client's credentials", request.Authorization?["Basic ".Length..]);
        }

        Assert.True(secrets.Count > 25, string.Join(", ", secrets.Values));
        var exported = await ExportedAsync(vault, ada, collector);
        await vault.Azurite.StopAsync();
        var storage = await BytesOfAsync(Path.Combine(vault.Folder, "storage"));
        var logs = Encoding.UTF8.GetBytes(string.Join('\n', vault.Log));

        // The search finds what is there.
        Assert.Contains("text", SecretSearch.FormsIn(storage, grantId));
        Assert.Contains("text", SecretSearch.FormsIn(logs, grantId));
        Assert.Contains("text", SecretSearch.FormsIn(storage, CalledPath)); // The record has it, without its query.
        Assert.All((string[])["alter.refreshes", "alter.call.overhead", "erp", "server.address", "http.response.status_code", "brought no answer"], text => Assert.Contains("text", SecretSearch.FormsIn(exported, text)));
        var found = secrets.SelectMany(secret => SecretSearch.FormsIn(storage, secret.Key).Where(_ => secret.Key is not CalledPath).Select(form => $"{secret.Value} in storage as {form}")
            .Concat(SecretSearch.FormsIn(logs, secret.Key).Select(form => $"{secret.Value} in the logs as {form}"))
            .Concat(SecretSearch.FormsIn(exported, secret.Key).Select(form => $"{secret.Value} in telemetry as {form}")));
        Assert.Empty(found);
    }

    [Fact]
    public void The_search_knows_every_form()
    {
        const string Secret = "sess_AQIDBAUGBwg";
        foreach (var before in (string[])["", "a", "ab", "abc"])
        {
            var text = $"{before}{Secret}tail";
            Assert.Contains(SecretSearch.FormsIn(Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(text))), Secret), form => form.StartsWith("base64", StringComparison.Ordinal));
            Assert.NotEmpty(SecretSearch.FormsIn(Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.Unicode.GetBytes(text))), Secret));
            Assert.NotEmpty(SecretSearch.FormsIn(Encoding.ASCII.GetBytes(Convert.ToHexString(Encoding.UTF8.GetBytes(text))), Secret));
            Assert.NotEmpty(SecretSearch.FormsIn(Encoding.Unicode.GetBytes(text), Secret));
        }

        Assert.Empty(SecretSearch.FormsIn(Encoding.ASCII.GetBytes("nothing of it"), Secret));
    }

    // Every path a secret takes; the id of the grant that is left at the end.
    private async Task<string> LiveAsync(RunningVault vault, Backend ada, string subject)
    {
        Know("user token", ada.UserToken);
        Know("user's subject", subject);
        Know("user's address", $"{subject}@acme.com");
        var browser = new Browser(vault);

        // The calendar: connected, refreshed, revoked.
        var session = await ada.SessionAsync("calendar");
        Know("session token", Browser.TokenOf(session));
        var authorize = await browser.AuthorizeUrlAsync(session, "calendar");
        Know("state", QueryHelpers.ParseQuery(authorize.Query)["state"]);
        Know("nonce", QueryHelpers.ParseQuery(authorize.Query)["nonce"]);
        Know("flow cookie", browser.FlowCookie);
        var back = await browser.AnswerCalendarAsync(authorize, "ada@calendar.example");
        Know("code of the calendar", QueryHelpers.ParseQuery(back.Query)["code"]);
        (await browser.GoAsync(back)).Is(303);
        var calendar = (string)(await browser.OpenAsync(session)).Is(200).Json["grants"]![0]!["grant_id"]!;
        Know("address at the calendar", "ada@calendar.example");
        Know("account at the calendar", "cal_1815");
        Know("name at the calendar", "Ada Lovelace");
        await Eventually.TrueAsync(
            async () =>
            {
                (await ada.CallAsync("calendar", new Uri(vault.CalendarUrl, "/api/stream"))).Is(200);
                return (int)(await browser.GoAsync(new Uri(vault.CalendarUrl, "/demo/stats"))).Json["refreshes"]! > 0;
            },
            "the token is refreshed");
        (await ada.RevokeAsync(calendar)).Is(200);
        await Eventually.TrueAsync(async () => (int)(await browser.GoAsync(new Uri(vault.CalendarUrl, "/demo/stats"))).Json["revocations"]! > 0, "the calendar was told");

        // Everything that goes wrong and is logged.
        var denied = await ada.SessionAsync("erp");
        Know("denied session's token", Browser.TokenOf(denied));
        var consent = vault.Erp.Consent((await browser.AuthorizeUrlAsync(denied, "erp")).OriginalString);
        Know("state of a mix-up", consent["state"]);
        Know("code of a mix-up", consent["code"]);
        await browser.CallbackAsync("shop", "crm", consent);
        consent = vault.Erp.Consent((await browser.AuthorizeUrlAsync(denied, "erp")).OriginalString);
        (await browser.CallbackAsync("shop", "erp", [new("state", consent["state"]), new("iss", consent["iss"]), new("error", "access_denied"), new("error_description", "words-of-the-provider")])).Is(303);
        (await ada.CallAsync("erp", new Uri($"http://127.0.0.1:{vault.ClosedPort}/{CalledPath}?query-of-a-call"))).IsRefusal(404, "grant_not_found");

        // A sign-in, by the session's user and by somebody else; a grant that waits and is completed.
        var desk = vault.Desk("somebody-at-the-desk");
        Know("user token at the desk", desk.UserToken);
        Know("user at the desk", "somebody-at-the-desk");
        var waiting = (await desk.MintAsync(new { allowed_providers = new[] { "crm" }, allowed_origin = "https://desk.acme.com", browser_proof = "complete" })).Is(201).Json;
        (await browser.CallbackAsync("desk", "crm", vault.Crm.Consent((await browser.AuthorizeUrlAsync(waiting, "crm")).OriginalString, "waiting@crm.example"))).Is(303);
        var completionCode = (string?)(await browser.OpenAsync(waiting)).Is(200).Json["grants"]![0]!["metadata"]!["completion_code"];
        Know("completion code", completionCode);
        Know("address of a grant that waited", "waiting@crm.example");
        (await desk.SendAsync(HttpMethod.Post, "/sdk/oauth/connect/complete", new { completion_code = completionCode })).Is(200);
        var signIn = await desk.SessionAsync("erp");
        foreach (var person in (string[])["stranger-at-the-desk", "somebody-at-the-desk"])
        {
            var answer = vault.People.Consent((await browser.AuthorizeUrlAsync(signIn, "erp")).OriginalString, person);
            Know("code of a sign-in", answer["code"]);
            Know("state of a sign-in", answer["state"]);
            Know("person at the desk", person);
            Know("remembered sign-in", (await browser.SignInCallbackAsync("desk", "people", answer)).Is(303)["Set-Cookie"]?.Split('=', 2)[1].Split(';')[0]);
        }

        // A provider that echoes, cuts off, and cannot be reached.
        var grant = await ada.ConnectAsync("erp", "ada-at-erp@erp.example");
        Know("address at erp", "ada-at-erp@erp.example");
        (await ada.CallAsync("erp", vault.Upstream.On(context =>
        {
            Know("access token of erp", context.Request.Headers.Authorization.ToString()["Bearer ".Length..]);
            context.Response.Headers["X-Echo"] = context.Request.Headers.Authorization;
            return Task.CompletedTask;
        }))).Is(200);
        Know("path of a call", CalledPath);
        Know("query of a call", "query-of-a-call");
        (await ada.CallAsync("erp", new Uri($"http://127.0.0.1:{vault.ClosedPort}/{CalledPath}?query-of-a-call"))).IsRefusal(502, "provider_unreachable");
        (await vault.Backend(vault.Keys.Shop, vault.Users.Token(claims => claims["aud"] = "https://elsewhere.example")).SendAsync(HttpMethod.Get, "/sdk/grants")).IsRefusal(401, "invalid_user_token");
        return (string)grant["grant_id"]!;
    }

    // Everything up to now: each signal is exported in order, so what comes last comes after all of it.
    private static async Task<byte[]> ExportedAsync(RunningVault vault, Backend ada, FakeCollector collector)
    {
        const string Last = "44444444444444444444444444444444";
        (await ada.CallAsync("erp", vault.Upstream.Echo(), request => request.Headers.Add("traceparent", $"00-{Last}-b7ad6b7169203331-01"))).Is(200);
        await Eventually.TrueAsync(() => collector.Spans.Any(span => span.Trace == Last) && collector.Azure.Contains(Last, StringComparison.Ordinal), "the last span was exported");
        var exports = collector.MetricExports;
        await Eventually.TrueAsync(() => collector.MetricExports > exports + 1, "metrics were exported once more");
        await Eventually.TrueAsync(() => collector.Logs.Any(line => line.Contains("brought no answer", StringComparison.Ordinal)), "logs were exported");
        return collector.Bytes;
    }

    private void Know(string what, string? secret)
    {
        if (!string.IsNullOrEmpty(secret))
        {
            secrets.TryAdd(secret, what);
        }
    }

    private static async Task<byte[]> BytesOfAsync(string folder)
    {
        using var all = new MemoryStream();
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            await all.WriteAsync(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        }

        return all.ToArray();
    }
}
