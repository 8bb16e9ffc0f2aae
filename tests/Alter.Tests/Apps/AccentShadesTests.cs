using System.Text.RegularExpressions;
using Alter.Apps;
using Alter.Tests.House;
using CsCheck;

namespace Alter.Tests.Apps;

public sealed partial class AccentShadesTests
{
    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public void Whatever_the_accent_text_and_edges_keep_their_contrast(ColorScheme scheme) =>
        Gen.Select(Gen.Byte, Gen.Byte, Gen.Byte).Sample((red, green, blue) =>
        {
            var shades = AccentShades.On(scheme, new Color(red, green, blue));
            Assert.True(Of(shades.OnAccent).ContrastWith(Of(shades.Accent)) >= 4.5, $"{shades}");
            Assert.All(AccentShades.SurfacesOf(scheme), surface =>
            {
                Assert.True(Of(shades.AccentLine).ContrastWith(surface) >= 3, $"{shades}");
                Assert.True(Of(shades.AccentText).ContrastWith(surface) >= 4.5, $"{shades}");
            });
        });

    [Theory]
    [InlineData("#0b5", "#00bb55")]
    [InlineData("#FFD400", "#ffd400")]
    public void In_the_light_a_button_has_the_accent_as_it_was_written(string accent, string fill) =>
        Assert.Equal(fill, AccentShades.On(ColorScheme.Light, Of(accent)).Accent);

    [Fact]
    public void In_the_dark_a_dark_accent_is_lightened() => Assert.NotEqual("#001a4d", AccentShades.On(ColorScheme.Dark, Of("#001a4d")).Accent);

    [Theory]
    [InlineData("#000000", "#ffffff", 21)]
    [InlineData("#777777", "#ffffff", 4.48)]
    [InlineData("#0b5", "#0b5", 1)]
    public void Contrast_is_what_WCAG_defines(string one, string other, double ratio) => Assert.Equal(ratio, Of(one).ContrastWith(Of(other)), 0.005);

    [Fact]
    public void The_surfaces_are_those_of_the_style_sheet()
    {
        var surfaces = Surface().Matches(File.ReadAllText(Repository.PathOf("src/Alter.Functions/Pages/connect.css"))).Select(match => Of(match.Groups[1].Value));

        Assert.Equal([.. AccentShades.SurfacesOf(ColorScheme.Light), .. AccentShades.SurfacesOf(ColorScheme.Dark)], surfaces);
    }

    private static Color Of(string text) => Color.Parse(text)!.Value;

    [GeneratedRegex("--(?:card|soft): (#[0-9a-f]{6})")]
    private static partial Regex Surface();
}
