using System.CommandLine;
using Alter.Apps;
using Alter.Egress;
using Alter.Identity;
using Microsoft.Extensions.Logging.Abstractions;

namespace Alter.Cli.Jwt;

/// <summary><c>alter jwt</c>: says what a user token is and which app accepts it, or the one line to change. The token goes nowhere and is never printed whole.</summary>
internal static class ExplainToken
{
    private const string FromInput = "-";

    // The verifier reads as much; what follows is not even taken from the pipe.
    private const int MaxInput = 64 * 1024;

    public static Command Command(OperatorTools tools)
    {
        var token = new Argument<string>("token") { Description = "The token; better -, to read it from standard input (pbpaste | ./alter jwt -): so it stays out of the shell's history." };
        var config = new Option<string?>("--config") { Description = "The document; otherwise ALTER_CONFIG, otherwise alter.json of the checkout." };
        var publicUrl = new Option<string?>("--public-url") { Description = "As for alter check." };
        var offline = new Option<bool>("--offline") { Description = "Do not fetch the issuer's keys; the signature is then not checked." };
        var command = new Command("jwt", "Explains a user token: what it says, which app accepts it, and otherwise the one line to change in alter.json.") { token, config, publicUrl, offline };
        command.TreatUnmatchedTokensAsErrors = false; // The error would print them, and a part of the token is among them.
        command.SetAction(async (result, cancellationToken) =>
        {
            var output = result.InvocationConfiguration.Output;
            var given = result.GetRequiredValue(token);
            if (given == FromInput)
            {
                given = await ReadAsync(tools.Input, cancellationToken);
            }
            else
            {
                output.WriteLine("This token is now in your shell's history; next time: ./alter jwt -");
            }

            var rest = result.UnmatchedTokens;
            var (pasted, sentence) = rest.Count switch
            {
                0 => PastedToken.Read(given),
                1 when given.Equals("Bearer", StringComparison.OrdinalIgnoreCase) => PastedToken.Read(rest[0]),
                _ => (null, "A token is one word: quote it, or read it from standard input."),
            };
            if (pasted is null)
            {
                output.WriteLine(sentence);
                return 1;
            }

            Describe(pasted, tools.Time.GetUtcNow(), output);
            var document = OperatorDocument.Read(tools, OperatorSettings.Read(tools), result.GetValue(config), result.GetValue(publicUrl));
            if (document.Source.Current is not { } vault)
            {
                output.WriteLine($"{document.Path} cannot be used, so no app is known. ./alter check says why.");
                return 1;
            }

            return await JudgeAsync(pasted, vault, tools, result.GetValue(offline), output, cancellationToken);
        });
        return command;
    }

    private static async Task<string> ReadAsync(TextReader input, CancellationToken cancellationToken)
    {
        var buffer = new char[MaxInput];
        return new string(buffer, 0, await input.ReadBlockAsync(buffer, cancellationToken));
    }

    private static void Describe(PastedToken token, DateTimeOffset now, TextWriter output)
    {
        Line("alg", token.Algorithm);
        Line("typ", token.Type);
        Line("iss", token.Issuer);
        output.WriteLine($"  aud  {(token.Audiences.Count > 0 ? Shown.Texts(token.Audiences) : "(none)")}");
        Line("azp", token.Party);
        output.WriteLine(token.ExpiresAt is { } at ? $"  exp  {at:u}, {(at > now ? $"in {Shown.Span(at - now)}" : $"{Shown.Span(now - at)} ago")}" : "  exp  (none)");
        output.WriteLine();

        void Line(string name, string? value) => output.WriteLine($"  {name}  {(value is null ? "(none)" : Shown.Text(value))}");
    }

    private static async Task<int> JudgeAsync(PastedToken token, VaultConfiguration vault, OperatorTools tools, bool isOffline, TextWriter output, CancellationToken cancellationToken)
    {
        var findings = TokenFindings.OfToken(token, tools.Time.GetUtcNow()).ToList();
        var provider = IssuerFindings.Find(vault.IdentityProviders, token.Issuer);
        findings.AddRange(provider is null ? [IssuerFindings.Missing(vault.IdentityProviders, token)] : TokenFindings.OfProvider(token, provider));
        foreach (var finding in findings)
        {
            Print(finding, output);
        }

        if (provider is null || findings.Count > 0)
        {
            return 1;
        }

        var apps = vault.Apps.Values.Where(app => app.IdentityProviders.Any(one => one.Id == provider.Id)).ToList();
        if (apps.Count == 0)
        {
            Print(new($"No app takes its users from {provider.Id}.", $"\"identity_providers\": {Shown.List([provider.Id])}", "the app"), output);
            return 1;
        }

        if (isOffline)
        {
            output.WriteLine($"Nothing speaks against it for {string.Join(", ", apps.Select(app => app.Id))}; the signature was not checked (--offline).");
            return 0;
        }

        using var handlers = new EgressHandlers();
        var verifier = new UserTokenVerifier(new SigningKeys(new EgressClient(handlers, tools.Time), tools.Time, NullLogger<SigningKeys>.Instance), tools.Time);
        var accepted = 0;
        foreach (var app in apps)
        {
            var isAccepted = (await verifier.VerifyAsync(app, token.Raw, cancellationToken)).Succeeded(out _, out var refusal);
            accepted += isAccepted ? 1 : 0;
            output.WriteLine(isAccepted ? $"{app.Id} accepts it; claim {provider.UserIdClaim} names the user." : $"{app.Id} refuses it: {refusal!.Detail}");
        }

        return accepted > 0 ? 0 : 1;
    }

    private static void Print(Finding finding, TextWriter output)
    {
        output.WriteLine(finding.Sentence);
        if (finding.Line is not null)
        {
            output.WriteLine($"  in alter.json, {finding.Place}:");
            output.WriteLine($"  {finding.Line}");
        }
    }
}
