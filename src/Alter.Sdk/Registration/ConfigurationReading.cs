using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Alter.Sdk;

/// <summary>Reads the options by hand: without reflection, and so that a misspelt name is a mistake instead of a default.</summary>
internal sealed class ConfigurationReading(IConfiguration section) : IConfigureOptions<AlterOptions>
{
    public void Configure(AlterOptions options)
    {
        foreach (var setting in section.GetChildren())
        {
            Read(options, setting.Key, setting.Value);
        }
    }

    private static void Read(AlterOptions options, string name, string? value)
    {
        switch (name.ToUpperInvariant())
        {
            case "BASEURL" when Uri.TryCreate(value, UriKind.Absolute, out var url):
                options.BaseUrl = url;
                break;
            case "BASEURL":
                options.Mistakes.Add("Alter:BaseUrl is no absolute URL.");
                break;
            case "APIKEY":
                options.ApiKey = value;
                break;
            case "CALLER":
                options.Caller = value;
                break;
            case "FOREIGNHOSTS" when Enum.TryParse<ForeignHosts>(value, ignoreCase: true, out var foreign):
                options.ForeignHosts = foreign;
                break;
            case "FOREIGNHOSTS":
                options.Mistakes.Add("Alter:ForeignHosts must be Refuse or SendWithoutCredentials.");
                break;
            case "HEADERTIMEOUT" when TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out var timeout):
                options.HeaderTimeout = timeout;
                break;
            case "HEADERTIMEOUT":
                options.Mistakes.Add("Alter:HeaderTimeout is no time span such as 00:02:00.");
                break;
            default:
                options.Mistakes.Add($"Alter:{name} is unknown; this version knows BaseUrl, ApiKey, Caller, ForeignHosts, HeaderTimeout.");
                break;
        }
    }
}
