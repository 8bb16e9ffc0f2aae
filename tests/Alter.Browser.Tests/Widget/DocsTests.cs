using System.Text.RegularExpressions;

namespace Alter.Browser.Tests.Widget;

/// <summary>The JavaScript of the docs, as far as a browser can read it without running it.</summary>
public sealed partial class DocsTests(Product product)
{
    [Theory]
    [InlineData("docs/guide.md")]
    [InlineData("docs/widget.md")]
    [InlineData("src/alter-connect/README.md")]
    public async Task Every_snippet_can_be_read(string page)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Product.Checkout, page), TestContext.Current.CancellationToken);
        var snippets = Block().Matches(text.ReplaceLineEndings("\n")).Select(match => Import().Replace(match.Groups["code"].Value, "")).ToList();
        await using var guest = await product.SomebodyAsync();

        Assert.NotEmpty(snippets);
        foreach (var snippet in snippets)
        {
            // A member of an object literal alone is how the page shows one option.
            var fault = await guest.Page.EvaluateAsync<string?>("""
                code => {
                  const read = text => { try { new (async () => {}).constructor(text); } catch (error) { return error.message; } return null; };
                  return read(code) && read(`({ ${code} \n})`);
                }
                """, snippet);
            Assert.True(fault is null, $"{fault} in {snippet}");
        }
    }

    [GeneratedRegex("```js\n(?<code>.*?)```|<script>\n(?<code>.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("^import .*$", RegexOptions.Multiline)]
    private static partial Regex Import();
}
