using System.Text.RegularExpressions;
using Azure.Core;

namespace Alter.Tests.Cli;

/// <summary><c>./alter smoke</c> against what a deployment can look like from outside. It was never run against one.</summary>
public sealed class SmokeTests : IAsyncLifetime
{
    private readonly CommandLine machine = new() { Time = new HurriedTime() };
    private FakeDeployment deployment = null!;

    public async ValueTask InitializeAsync()
    {
        deployment = await FakeDeployment.StartAsync();
        machine.Has("alter.json", """{ "apps": {} }""");
        machine.Environment["SERVICE_VAULT_URI"] = deployment.Url;
        machine.Environment["ALTER_LOGS_WORKSPACE_ID"] = "0f6c3f5e-0000-4000-8000-3f2a9c0e55d1";
        machine.LogsApi = new Uri(deployment.Url);
        machine.Credential = new SignedIn();
    }

    public async ValueTask DisposeAsync()
    {
        machine.Dispose();
        await deployment.DisposeAsync();
    }

    [Fact]
    public async Task A_deployment_that_does_as_the_docs_say_passes_and_the_next_command_stands_at_the_end()
    {
        var smoke = await machine.RunAsync(["smoke"]);

        Says(
            smoke,
            0,
            "ok  ready",
            "ok  / shows no page: 204",
            "ok  An unknown path: 404 not_found",
            "headers added on the way: Server  X-ARR-LOG-ID",
            "ok  A wrong method: 405 method_not_allowed",
            "ok  1 MiB chunked: reached the vault (401 invalid_api_key)",
            "ok  33 MiB chunked: reached the vault",
            "ok  33 MiB with Content-Length: kept from the vault, as the body limit asks (500 of the platform, not of the vault)",
            "--  not looked at: it takes a grant",
            "ok  the path that was called is logged (AppRequests); code, state, key, JWT and query are not",
            "Describe your app in alter.json (docs/deploy.md, step 4), then: azd deploy",
            "Nothing is wrong.");
        Assert.DoesNotContain("**", smoke.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_an_app_in_the_document_the_next_command_is_the_check()
    {
        machine.Has(
            "alter.json",
            $$"""
            { "apps": { "robots": { "name": "Robots", "owner": "app", "keys": [{ "id": "k1", "sha256": "{{new string('a', 64)}}" }],
              "providers": { "github": { "client_id": "Iv1.0a", "client_secret": { "secret": "robots-github" } } } } } }
            """);

        Says(await machine.RunAsync(["smoke"]), 0, $"./alter check --public-url {deployment.Url}");

        machine.Environment["ALTER_PUBLIC_ORIGIN"] = "https://vault.acme.com";
        Says(await machine.RunAsync(["smoke"]), 0, "./alter check --public-url https://vault.acme.com ");
        machine.Environment["SERVICE_VAULT_URI"] = "https://another.azurewebsites.net";
        Says(await machine.RunAsync(["smoke", $"{deployment.Url}"]), 0, $"./alter check --public-url {deployment.Url}");
    }

    [Fact]
    public async Task It_waits_for_rights_and_names_each_missing_one_once()
    {
        foreach (var reason in new[] { "No right to use it.", "No right to use it.", "It does not answer." })
        {
            deployment.Reasons.Enqueue(reason);
        }

        var (exit, output) = await machine.RunAsync(["smoke"]);

        Assert.Equal(0, exit);
        Assert.Equal(2, output.Split("not yet: keys: No right to use it.").Length);
        Assert.Contains("not yet: keys: It does not answer.", output, StringComparison.Ordinal);
        Assert.Contains("ok  ready after 30 seconds", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vault_that_does_not_become_ready_is_a_problem_and_nothing_else_is_asked()
    {
        for (var i = 0; i < 100; i++)
        {
            deployment.Reasons.Enqueue("No right to use it.");
        }

        Says(await machine.RunAsync(["smoke", "--patience", "2"]), 1, "!!  not ready after 2 minutes", "keys: No right to use it.");
        Assert.All(deployment.Requests, request => Assert.Equal("GET /health/ready", request));
    }

    [Fact]
    public async Task A_client_secret_that_is_not_there_is_a_problem_and_all_else_is_looked_at()
    {
        deployment.Component = "secrets";
        deployment.Reasons.Enqueue("shop-crm: No right to read it in Key Vault (403); role assignments can take 10 minutes.");
        deployment.Reasons.Enqueue("shop-crm: Key Vault has no secret of this name (404).");

        Says(
            await machine.RunAsync(["smoke"]),
            1,
            "not yet: secrets: shop-crm: No right to read it",
            "!!  ready but for client secret shop-crm: Key Vault has no secret of this name (404).",
            "Front end");
    }

    [Fact]
    public async Task No_answer_at_all_is_no_readiness() =>
        Says(await machine.RunAsync(["smoke", "http://127.0.0.1:9", "--patience", "1"]), 1, "!!  not ready after");

    [Theory]
    [InlineData("ftp://vault.acme.com")]
    [InlineData("vault")]
    public async Task What_is_no_origin_is_a_problem(string url) => Says(await machine.RunAsync(["smoke", url]), 1, "!!  Name it: ./alter smoke https://");

    [Fact]
    public async Task What_differs_from_the_docs_is_told_and_is_no_problem()
    {
        deployment.IsBareNotFound = true;
        deployment.BodyLimit = 1000;

        Says(
            await machine.RunAsync(["smoke"]),
            0,
            "**  An unknown path: 404 of the platform, not of the vault. docs/limits.md and the contract expect otherwise: please report it.",
            "**  1 MiB with Content-Length: 500 of the platform");
    }

    [Theory]
    [InlineData("code", "FunctionAppLogs")]
    [InlineData("jwt", "AppDependencies")]
    public async Task A_secret_that_was_logged_is_a_problem_and_its_place_is_named(string place, string table)
    {
        deployment.Logs[place] = table;

        Says(await machine.RunAsync(["smoke"]), 1, $"!!  what was sent as {place} stands in 3 rows of {table}: secrets are logged there");
    }

    [Fact]
    public async Task Telemetry_is_waited_for_and_looked_at_once_more()
    {
        deployment.Delay = 3;

        Says(await machine.RunAsync(["smoke"]), 0, "ok  the path that was called is logged");
        Assert.Equal(5, deployment.Searches);
    }

    [Fact]
    public async Task Where_nothing_arrived_nothing_is_proved_and_the_query_is_there_to_repeat()
    {
        deployment.Logs.Clear();

        Says(await machine.RunAsync(["smoke"]), 0, "--  nothing of these requests has arrived yet", "az monitor log-analytics query -w 0f6c3f5e-0000-4000-8000-3f2a9c0e55d1 --analytics-query 'search");
    }

    [Fact]
    public async Task Without_a_right_to_the_workspace_or_its_id_the_search_is_left_out()
    {
        deployment.SearchStatus = 403;
        Says(await machine.RunAsync(["smoke"]), 0, "--  not searched: you have no right to read the workspace (Log Analytics Reader)");
        deployment.SearchStatus = 500;
        Says(await machine.RunAsync(["smoke"]), 0, "--  not searched: the workspace answered 500");
        machine.Credential = null;
        Says(await machine.RunAsync(["smoke"]), 0, "--  not searched: sign in first");
        machine.Environment.Remove("ALTER_LOGS_WORKSPACE_ID");
        Says(await machine.RunAsync(["smoke"]), 0, "--  not searched: set ALTER_LOGS_WORKSPACE_ID");
    }

    [Fact]
    public async Task Every_word_is_sent_where_its_secret_would_be_and_in_no_other_place()
    {
        await machine.RunAsync(["smoke"]);

        Assert.Contains(deployment.Requests, request => Regex.IsMatch(request, @"^GET /oauth/callback/smoke/smoke\?state=smoke[0-9a-f]{16}state&code=smoke[0-9a-f]{16}code$"));
        Assert.Contains(deployment.Requests, request => Regex.IsMatch(request, "^GET /no/smoke[0-9a-f]{16}path$"));
        Assert.DoesNotContain(deployment.Requests, request => request.Contains("key", StringComparison.Ordinal) || request.Contains("jwt", StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_a_grant_the_address_the_headers_an_upload_and_a_stream_are_looked_at()
    {
        Authorize();

        Says(
            await machine.RunAsync(GrantedArguments),
            0,
            "ok  The vault knows this machine as 203.0.113.7.",
            "ok  None of the platform's headers came back",
            "**  1 MiB chunked: 200 of the vault",
            "**  1 MiB with Content-Length: 200 of the vault",
            "**  Long stream: 1,000 bytes in ",
            " s; it ended by itself");
    }

    [Fact]
    public async Task A_header_of_the_platform_that_a_provider_is_told_is_a_problem()
    {
        Authorize();
        deployment.Told = ["x-forwarded-for", "Accept", "CLIENT-IP"];

        Says(await machine.RunAsync(GrantedArguments), 1, "!!  The provider is told X-Forwarded-For, CLIENT-IP");
    }

    private static readonly string[] GrantedArguments =
        ["smoke", "--provider", "calendar", "--echo-url", "https://echo.example/headers", "--upload-url", "https://echo.example/upload", "--stream-url", "https://echo.example/stream"];

    private void Authorize()
    {
        machine.Environment["ALTER_API_KEY"] = "good";
        machine.Environment["ALTER_USER_TOKEN"] = "jwt";
    }

    private static void Says((int Exit, string Output) smoke, int exit, params string[] texts)
    {
        Assert.All(texts, text => Assert.Contains(text, smoke.Output, StringComparison.Ordinal));
        Assert.True(exit == smoke.Exit, smoke.Output);
    }

    private sealed class SignedIn : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new("token", DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }

    /// <summary>Whoever waits for a time finds it gone by at once.</summary>
    private sealed class HurriedTime : TimeProvider
    {
        private readonly DateTimeOffset begin = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);
        private long passed;

        public override DateTimeOffset GetUtcNow() => begin.AddTicks(Interlocked.Read(ref passed));

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Add(ref passed, Math.Max(0, dueTime.Ticks));
            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
