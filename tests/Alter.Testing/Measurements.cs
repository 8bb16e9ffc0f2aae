using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Alter.Testing;

/// <summary>One measurement of the vault's meter.</summary>
/// <param name="Instrument">Its instrument's name.</param>
/// <param name="Value">What was measured.</param>
/// <param name="Tags">As <c>app=shop provider=erp</c>, in the order they were given.</param>
public sealed record Measured(string Instrument, double Value, string Tags);

/// <summary>What the vault's one meter measures in the flow of one test; others measure at the same time.</summary>
public sealed class Measurements : IDisposable
{
    private readonly AsyncLocal<bool> isMine = new() { Value = true };
    private readonly ConcurrentQueue<Measured> heard = new();
    private readonly MeterListener listener = new();

    /// <summary>What others measure meanwhile is heard too: for what is measured in nobody's flow.</summary>
    public bool HearsOthers { get; init; }

    /// <param name="instruments">The only ones to hear.</param>
    public Measurements(params string[] instruments)
    {
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name == AlterMeter.Name && instruments.Contains(instrument.Name))
            {
                listening.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.Start();
    }

    /// <summary>What was measured so far, in order.</summary>
    public IReadOnlyList<Measured> All => [.. heard];

    /// <summary>Asks the gauges that are observed.</summary>
    public void Observe() => listener.RecordObservableInstruments();

    public void Dispose() => listener.Dispose();

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (HearsOthers || isMine.Value)
        {
            heard.Enqueue(new Measured(instrument.Name, value, string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
        }
    }
}
