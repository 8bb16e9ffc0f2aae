using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;

namespace Quickstart.Story;

/// <summary>
/// A browser without a screen: cookies and redirects by hand. The cookies of one host, whatever the port (RFC 6265 §8.5), and <c>Secure</c> ones over
/// http too, because browsers trust <c>localhost</c>; .NET's own container refuses those.
/// </summary>
internal sealed class Browser(HttpClient http)
{
    private readonly Dictionary<string, string> cookies = [];

    public Task<Answer> GetAsync(Uri url, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, url), cancellationToken);

    /// <summary>A form of a page, with the answers of the person before it.</summary>
    public Task<Answer> SubmitAsync(Form form, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, form.Action) { Content = new FormUrlEncodedContent(form.Fields) }, cancellationToken);

    /// <summary>A fetch of a page's script to its own origin.</summary>
    public Task<Answer> FetchAsync(Uri url, object body, CancellationToken cancellationToken) => FetchAsync(url, JsonContent.Create(body), url, cancellationToken);

    /// <summary>A fetch with plain text, from another page.</summary>
    public Task<Answer> FetchTextAsync(Uri url, string body, Uri page, CancellationToken cancellationToken) =>
        FetchAsync(url, new StringContent(body, Encoding.UTF8, "text/plain"), page, cancellationToken);

    private Task<Answer> FetchAsync(Uri url, HttpContent content, Uri page, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
        request.Headers.Add("Origin", page.GetLeftPart(UriPartial.Authority));
        return SendAsync(request, cancellationToken);
    }

    private async Task<Answer> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            if (cookies.Count > 0)
            {
                request.Headers.Add("Cookie", string.Join("; ", cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
            }

            using var answer = await http.SendAsync(request, cancellationToken);
            Keep(answer.Headers);
            return new Answer(request.RequestUri!, answer.StatusCode, answer.Headers.Location, await answer.Content.ReadAsStringAsync(cancellationToken));
        }
    }

    private void Keep(HttpResponseHeaders headers)
    {
        foreach (var cookie in headers.TryGetValues("Set-Cookie", out var lines) ? lines : [])
        {
            var pair = cookie.Split(';')[0].Split('=', 2);
            if (pair[1] is "")
            {
                cookies.Remove(pair[0]); // Servers delete a cookie by emptying it.
            }
            else
            {
                cookies[pair[0]] = pair[1];
            }
        }
    }
}
