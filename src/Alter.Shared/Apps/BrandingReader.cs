using System.Text.RegularExpressions;

namespace Alter.Apps;

/// <summary>Reads the <c>branding</c> of an app.</summary>
internal static partial class BrandingReader
{
    private const string LogoExample = "\"branding/shop.svg\"";

    public static AppBranding Read(StrictObject entry, ReadingContext context)
    {
        if (entry.Object("branding", "{ \"logo\": \"branding/shop.svg\", \"accent\": \"#0b5\" }") is not { } branding)
        {
            return new(null, null);
        }

        var read = new AppBranding(Logo(branding, context), Accent(branding));
        branding.Close();
        return read;
    }

    private static AppLogo? Logo(StrictObject branding, ReadingContext context)
    {
        if (branding.Text("logo", PathForm(), "the path of a .svg or .png file below the document's folder, of letters, digits, '.', '_', '-' and '/'", LogoExample) is not { } path
            || context.Folder is null)
        {
            return null;
        }

        var (logo, fault) = LogoFile.Read(Path.Combine(context.Folder, path));
        if (fault is not null)
        {
            branding.Add("logo", fault, LogoExample);
        }

        return logo;
    }

    private static Color? Accent(StrictObject branding)
    {
        const string Example = "\"#0b5\"";
        if (branding.Text("accent", Example) is not { } text)
        {
            return null;
        }

        if (Color.Parse(text) is { } color)
        {
            return color;
        }

        branding.Add("accent", "It must be a colour as #rgb or #rrggbb.", Example);
        return null;
    }

    // No part begins with a dot, so none is "..".
    [GeneratedRegex(@"^([A-Za-z0-9_-][A-Za-z0-9._-]{0,99}/){0,4}[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}\.(svg|png)\z")]
    private static partial Regex PathForm();
}
