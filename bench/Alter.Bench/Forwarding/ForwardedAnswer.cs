using System.Globalization;

namespace Alter.Bench.Forwarding;

/// <summary>How long the answers of one row are.</summary>
/// <param name="Bytes">Of the body.</param>
public sealed record ForwardedAnswer(long Bytes)
{
    private const long LongFrom = 16 * 1024 * 1024;

    /// <summary>It is sent chunked, and where many run at once they are cut off when their time is over.</summary>
    public bool IsLong => Bytes >= LongFrom;

    /// <summary>The path the provider answers so.</summary>
    public string Path => string.Create(CultureInfo.InvariantCulture, $"/{(IsLong ? "chunked" : "sized")}/{Bytes}");

    /// <summary>1 KB, 1 MB, 1 GB, each of 1024 times the one before.</summary>
    public override string ToString() => Bytes switch
    {
        >= 1L << 30 when Bytes % (1L << 30) is 0 => string.Create(CultureInfo.InvariantCulture, $"{Bytes >> 30} GB"),
        >= 1L << 20 when Bytes % (1L << 20) is 0 => string.Create(CultureInfo.InvariantCulture, $"{Bytes >> 20} MB"),
        >= 1L << 10 when Bytes % (1L << 10) is 0 => string.Create(CultureInfo.InvariantCulture, $"{Bytes >> 10} KB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Bytes} bytes"),
    };
}
