using Alter.Forwarding;
using Alter.Testing;
using CsCheck;
using Microsoft.AspNetCore.Http;

namespace Alter.Tests.Forwarding;

/// <summary>Control headers in numbers, lengths and spellings no client sends.</summary>
public sealed class HostileHeaderTests
{
    private static readonly Gen<string> Names = Gen.OneOf(
        ControlHeaders.Url, ControlHeaders.Provider, ControlHeaders.GrantId, ControlHeaders.Account, ControlHeaders.UserToken, ControlHeaders.Caller, ControlHeaders.Reason, ControlHeaders.Context,
        ControlHeaders.Redirects, "x-alter-url", "X-ALTER-CONTEXT", "X-Alter-", "X-Alter-Urll", "Upgrade", "x-http-method-override", "X-Method-Override", "Accept", "X-Alterations");

    // What reaches a header was UTF-8 once: no half of a surrogate pair.
    private static readonly Gen<string> Values = Hostile.Text("https://api.acme.com/v1", "erp", "raw", """{"run":"7","step":"a"}""", "0b5bd1a5-54c5-8d32-9eb5-0d3b9a4f3b52")
        .Select(text => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void No_headers_make_the_reader_throw() => Hostile.Each(Gen.Select(Names, Values.Array[1, 2], Gen.Int[0, 9]).Array[0, 5], 6000, lines =>
    {
        var headers = new HeaderDictionary();
        foreach (var (name, values, several) in lines)
        {
            headers[name] = several == 0 ? values : values[..1];
        }

        if (ControlHeaders.Read(headers).Succeeded(out var read, out var refusal))
        {
            Assert.True((read.ProviderId is null) != (read.GrantIdText is null));
            Assert.InRange(read.TargetText.Length, 1, 8192);
            Assert.DoesNotContain(headers.Keys, name => name.Contains("Method", StringComparison.OrdinalIgnoreCase) || name == "Upgrade" || name == "X-Alter-Urll");
            Assert.All(headers.Where(header => header.Key.StartsWith("X-Alter-", StringComparison.OrdinalIgnoreCase)), header => Assert.Single(header.Value));
        }
        else
        {
            Assert.True(refusal is InvalidRequest or RequestTooLarge, refusal.Code);
            Assert.True(refusal.Detail.Length < 500);
        }
    });

    [Fact]
    public void What_is_said_plainly_is_read_as_it_was_said() => Hostile.Each(Gen.Select(Gen.Char['!', '~'].Array[1, 40], Gen.Bool, Gen.Bool), 2000, said =>
    {
        var (text, keeps, byId) = (new string(said.Item1), said.Item2, said.Item3);
        var headers = new HeaderDictionary { [ControlHeaders.Url] = text, [byId ? ControlHeaders.GrantId : ControlHeaders.Provider] = text };
        if (keeps)
        {
            headers[ControlHeaders.Redirects] = "raw";
        }

        Assert.True(ControlHeaders.Read(headers).Succeeded(out var read, out var refusal), refusal?.Detail);
        Assert.Equal((text, byId ? null : text, byId ? text : null, keeps), (read.TargetText, read.ProviderId, read.GrantIdText, read.KeepsLocation));
    });
}
