using System.Diagnostics;
using OpenTelemetry;

namespace Alter.Functions.Telemetry;

/// <summary>First of all processors: whatever exports a span sees it without queries and without what exceptions say.</summary>
internal sealed class CleanSpans : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data) => SpanCleaning.Clean(data);
}
