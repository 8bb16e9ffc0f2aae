namespace Quickstart.Story;

/// <summary>Remembers everything the vault ever answered, headers and all: at the end no token may be in it.</summary>
internal sealed class Witness(StoryPlace place, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private readonly List<string> answers = [];

    /// <summary>How many answers there were, and how many of them hold a text.</summary>
    public (int Answers, int Holding) Search(string text) => (answers.Count, answers.Count(answer => answer.Contains(text, StringComparison.Ordinal)));

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (request.RequestUri!.Authority == place.Vault.Authority)
        {
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            answers.Add($"{response.Headers}{response.Content.Headers}{await response.Content.ReadAsStringAsync(cancellationToken)}");
        }

        return response;
    }
}
