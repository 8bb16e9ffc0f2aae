using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Alter.Sdk;

/// <summary>Connect for programs without a web page: shows a URL and asks until the person is done.</summary>
internal sealed class HeadlessConnect(AlterOptions options, VaultEndpoints endpoints)
{
    internal async Task<IReadOnlyList<Grant>> RunAsync(ConnectOptions wanted, CancellationToken cancellationToken)
    {
        // Nobody vouches for the browser that opens the URL, so it has to sign in itself.
        var session = await endpoints.CreateConnectSessionAsync(
            new ConnectSessionRequest
            {
                AllowedProviders = wanted.Providers,
                RequiredScopes = wanted.RequiredScopes,
                GrantPolicy = wanted.GrantPolicy,
                UserToken = wanted.UserToken,
                BrowserProof = BrowserProof.Identity,
            },
            cancellationToken).ConfigureAwait(false);
        var url = new Uri(session.ConnectUrl);
        await (wanted.ShowUrl is { } show ? show(url, cancellationToken) : PrintAsync(url, cancellationToken)).ConfigureAwait(false);
        if (wanted.OpenBrowser)
        {
            OpenBrowser(url);
        }

        var begun = options.TimeProvider.GetTimestamp();
        while (options.TimeProvider.GetElapsedTime(begun) < wanted.Timeout)
        {
            await Task.Delay(wanted.PollInterval, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            if (await AskAsync(session, cancellationToken).ConfigureAwait(false) is { } status && Judge(status) is { } grants)
            {
                return grants;
            }
        }

        throw Failure("connect_timeout", $"Nobody finished Connect within {wanted.Timeout.TotalSeconds:0} seconds.");
    }

    // A vault that is busy for a moment is asked again: the person is still at it.
    private async Task<ConnectStatusAnswer?> AskAsync(ConnectSession session, CancellationToken cancellationToken)
    {
        try
        {
            // As text/plain, the form browsers can send without asking first.
            return await endpoints.PostAsync(
                "/sdk/oauth/connect/status", new StringContent(session.SessionToken, Encoding.ASCII, "text/plain"), WireJson.Default.ConnectStatusAnswer, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (AlterException e) when (e.IsTransient)
        {
            return null;
        }
    }

    private static IReadOnlyList<Grant>? Judge(ConnectStatusAnswer status) => status.Status switch
    {
        "complete" => status.Grants ?? [],
        "expired" => throw Failure("connect_session_expired", "The Connect session ended before an account was connected."),
        "error" => throw Failure(CodeOf(status.Error), status.ErrorDescription ?? "Connect ended without a grant."),
        _ => null,
    };

    // RFC 6749 §4.1.2.1 names the person's refusal access_denied; everything else is a code of the contract or the provider's.
    private static string CodeOf(string? error) => error switch
    {
        "access_denied" or null => "connect_denied",
        _ when ErrorTable.Rows.ContainsKey(error) => error,
        _ => "connect_flow_invalid",
    };

    private static AlterException Failure(string code, string detail) =>
        ErrorTable.Make(new AlterProblem { Code = code, Detail = detail, Action = ErrorTable.ActionOf(code) });

    private static Task PrintAsync(Uri url, CancellationToken cancellationToken) =>
        Console.Error.WriteLineAsync($"To connect an account, open {url.AbsoluteUri}".AsMemory(), cancellationToken);

    private static void OpenBrowser(Uri url)
    {
        try
        {
            // Only a web address is handed to the shell.
            if (AlterOptionsRules.IsSafe(url))
            {
                using var browser = Process.Start(new ProcessStartInfo(url.AbsoluteUri) { UseShellExecute = true });
            }
        }
        catch (Exception e) when (e is Win32Exception or PlatformNotSupportedException or FileNotFoundException or InvalidOperationException)
        {
            // No browser here: the person has the URL.
        }
    }
}
