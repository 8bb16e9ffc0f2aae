using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Alter.Tests.House;

/// <summary>docs/observe.md has every instrument of the one meter, with its kind and unit, and no other. Alerts and workbooks are written on these names.</summary>
public sealed partial class MetricDocsTests
{
    [Fact]
    public void Every_instrument_is_on_the_page_with_its_kind_and_unit_and_no_other()
    {
        var instruments = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == AlterMeter.Name)
            {
                instruments.Add($"{instrument.Name} {KindOf(instrument)} {instrument.Unit}");
            }
        };
        listener.Start();
        foreach (var metrics in typeof(AlterMeter).Assembly.GetTypes().Where(type => type.Name.EndsWith("Metrics", StringComparison.Ordinal)))
        {
            RuntimeHelpers.RunClassConstructor(metrics.TypeHandle);
        }

        var documented = Row().Matches(File.ReadAllText(Repository.PathOf("docs/observe.md"))).Select(match => $"{match.Groups["name"].Value} {match.Groups["kind"].Value} {match.Groups["unit"].Value}");
        Assert.Equal(instruments.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    private static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "ObservableGauge" => "gauge",
        var kind => kind.ToLowerInvariant(),
    };

    [GeneratedRegex(@"^\| `(?<name>alter\.[a-z._]+)` \| (?<kind>[a-z]+), `(?<unit>[^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
