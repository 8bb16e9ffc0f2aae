using System.Runtime.CompilerServices;

namespace Alter.Sdk;

/// <summary>An app of the vault: calls providers on behalf of its users, lets them connect accounts, lists and revokes what they connected.</summary>
/// <remarks>One per process, safe to use from many threads. Every call may throw an <see cref="AlterException"/>.</remarks>
public sealed class AlterApp : IDisposable
{
    private readonly HttpMessageInvoker wire = new(PrimaryHandler.Create());
    private readonly VaultEndpoints endpoints;
    private readonly HeadlessConnect headless;
    private readonly HttpMessageInvoker caller;

    /// <summary>Makes the app from options.</summary>
    /// <exception cref="ArgumentException">The options are wrong; the message names every mistake.</exception>
    public AlterApp(AlterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var mistakes = AlterOptionsRules.MistakesOf(options).ToArray();
        if (mistakes.Length > 0)
        {
            throw new ArgumentException(string.Join(" ", mistakes), nameof(options));
        }

        var exchange = new VaultExchange(options);
        var tokens = new UserTokens(options);
        Calls = new VaultCalls(options, exchange, tokens);
        endpoints = new VaultEndpoints(options, exchange, tokens, wire);
        headless = new HeadlessConnect(options, endpoints);
        caller = new HttpMessageInvoker(CreateHandler(default));
    }

    /// <summary>Makes the app from its key and the vault's URL.</summary>
    public AlterApp(string apiKey, Uri baseUrl)
        : this(new AlterOptions { ApiKey = apiKey, BaseUrl = baseUrl })
    {
    }

    internal VaultCalls Calls { get; }

    /// <summary>Mints a Connect session, in which one user connects accounts; its token goes to the front end's widget.</summary>
    public Task<ConnectSession> CreateConnectSessionAsync(ConnectSessionRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return endpoints.CreateConnectSessionAsync(request, cancellationToken);
    }

    /// <summary>Lets a person connect accounts from a program without a web page: shows and opens a URL, and answers when the person is done.</summary>
    /// <exception cref="ConnectFlowException">The person said no, or did not finish in time.</exception>
    public Task<IReadOnlyList<Grant>> ConnectAsync(ConnectOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return headless.RunAsync(options, cancellationToken);
    }

    /// <summary>Finishes a session whose proof is <see cref="BrowserProof.Complete"/>: what its browser connected works from now on.</summary>
    /// <param name="completionCode">
    /// What the finishing browser brought: <c>metadata.completion_code</c> of a grant in the widget's <c>onSuccess</c>, or <c>completion_code</c> in the query of the return URL.
    /// Hand over only what came in a request of the signed-in user.
    /// </param>
    /// <param name="userToken">The user's JWT, instead of the one of the current request.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The grants, active. A repeated call answers the same.</returns>
    /// <exception cref="ConnectSessionException">The code is unknown, older than ten minutes, or that of another user's session: these look alike.</exception>
    public Task<IReadOnlyList<Grant>> CompleteConnectAsync(string completionCode, string? userToken = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(completionCode);
        return endpoints.CompleteConnectAsync(completionCode, userToken, cancellationToken);
    }

    /// <summary>Calls a provider with the user's credential. It answers once the provider's headers are there; body and answer are streamed.</summary>
    /// <returns>The provider's answer, whatever its status. Dispose of it.</returns>
    /// <remarks>The message can be sent once more afterwards; the call itself goes into <see cref="HttpRequestMessage.Options"/>.</remarks>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, GrantSelector grant, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        grant.ThrowIfEmpty(nameof(grant));
        request.Options.Set(GrantSelector.Key, grant);
        if (options is not null)
        {
            request.Options.Set(CallOptions.Key, options);
        }

        return caller.SendAsync(request, cancellationToken);
    }

    /// <summary>Calls a provider with the user's credential, without a body.</summary>
    /// <returns>The provider's answer, whatever its status. Dispose of it.</returns>
    public async Task<HttpResponseMessage> RequestAsync(HttpMethod method, string url, GrantSelector grant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(url);
        using var request = new HttpRequestMessage(method, url);
        return await SendAsync(request, grant, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A client whose every request goes through the vault with one grant: for every extension of <see cref="HttpClient"/> and for generated clients.</summary>
    /// <remarks>Cheap, and safe to keep: whose token is used is decided at each request. It has no timeout of its own, so that streams last.</remarks>
    public HttpClient CreateClient(GrantSelector grant)
    {
        grant.ThrowIfEmpty(nameof(grant));
        return new HttpClient(CreateHandler(grant)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The same as the last handler of a library that builds its own client.</summary>
    public HttpMessageHandler CreateHandler(GrantSelector grant) => new AlterHandler(Calls, grant) { InnerHandler = new SharedHandler(wire) };

    /// <summary>The user's grants, page after page.</summary>
    public async IAsyncEnumerable<Grant> ListGrantsAsync(GrantFilter? filter = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? cursor = null;
        do
        {
            var page = await ListGrantsPageAsync(filter, cursor, cancellationToken).ConfigureAwait(false);
            foreach (var grant in page.Grants)
            {
                yield return grant;
            }

            cursor = page.HasMore ? page.NextCursor : null;
        }
        while (cursor is not null);
    }

    /// <summary>One page of the user's grants.</summary>
    public Task<GrantPage> ListGrantsPageAsync(GrantFilter? filter = null, string? cursor = null, CancellationToken cancellationToken = default) =>
        endpoints.ListGrantsAsync(filter ?? new GrantFilter(), cursor, cancellationToken);

    /// <summary>Revokes a grant: when it answers, the tokens are gone and the next call is refused.</summary>
    public Task<Revocation> RevokeGrantAsync(Guid grantId, string? reason = null, CancellationToken cancellationToken = default) =>
        endpoints.RevokeGrantAsync(grantId, reason, cancellationToken);

    /// <summary>What was done for a user or in the whole app, the newest first, page after page. The key needs the scope <c>audit:read</c>.</summary>
    public async IAsyncEnumerable<AuditEntry> ListAuditAsync(AuditFilter? filter = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? cursor = null;
        do
        {
            var page = await endpoints.ListAuditAsync(filter ?? new AuditFilter(), cursor, cancellationToken).ConfigureAwait(false);
            foreach (var entry in page.Entries)
            {
                yield return entry;
            }

            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }

    /// <summary>What every policy of the vault would say to a call, without making or counting it.</summary>
    /// <exception cref="AlterException">The call would be refused before its policies are asked: there is no such grant, or the provider does not have the URL's host.</exception>
    public Task<PolicyEvaluation> EvaluatePoliciesAsync(HypotheticalCall call, GrantSelector grant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        grant.ThrowIfEmpty(nameof(grant));
        return endpoints.EvaluatePoliciesAsync(call, grant, cancellationToken);
    }

    /// <summary>Which user a JWT names; null where it is not valid for this app.</summary>
    public Task<VerifiedUser?> VerifyUserTokenAsync(string userToken, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(userToken);
        return endpoints.VerifyUserTokenAsync(userToken, cancellationToken);
    }

    /// <summary>Closes the connections to the vault, also those of clients made here.</summary>
    public void Dispose()
    {
        caller.Dispose();
        wire.Dispose();
    }
}
