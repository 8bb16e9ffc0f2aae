using System.CommandLine;
using System.Globalization;
using Alter.Audit;
using Alter.Cli.Keys;
using Alter.Keys;

namespace Alter.Cli.Audit;

/// <summary><c>alter audit verify</c>: whether the record is as the vault wrote it; what is not, it names.</summary>
internal static class VerifyAudit
{
    private const int Right = 0;
    private const int Wrong = 1;
    private const int Incomplete = 2;

    public static Command Command(OperatorTools tools)
    {
        var config = new Option<string?>("--config") { Description = "The document; otherwise ALTER_CONFIG, otherwise alter.json of the checkout." };
        var anchor = new Option<string[]>("--anchor") { Description = "A seal as the vault's log has it, number:hash. May be given several times.", Arity = ArgumentArity.ZeroOrMore };
        var verify = new Command("verify", "Reads the whole record and names what was taken away, changed or moved. Exit code: 0 nothing, 1 something or it could not be read, 2 a given seal is past retention.") { config, anchor };
        verify.SetAction((result, cancellationToken) => RunAsync(
            tools, result.GetValue(config), result.GetValue(anchor) ?? [], result.InvocationConfiguration.Output, cancellationToken));
        return new Command("audit", "The record of what was done with grants.") { verify };
    }

    private static async Task<int> RunAsync(OperatorTools tools, string? config, string[] anchors, TextWriter output, CancellationToken cancellationToken)
    {
        var known = anchors.Select(Parse).ToList();
        if (known.Contains(null))
        {
            return Failed(output, "--anchor takes a seal's number and its 64 hex digits, as in 123:0f3a…");
        }

        var settings = OperatorSettings.Read(tools);
        if (settings.Fault is { } fault)
        {
            output.WriteLine(fault);
        }

        var (storage, unusable) = OperatorStorage.Open(tools, settings);
        if (storage is null)
        {
            return Failed(output, unusable);
        }

        if (await storage.FindFaultAsync(cancellationToken) is { } why)
        {
            return Failed(output, why);
        }

        if (new KeyVersions(tools, settings).Open(OperatorDocument.Read(tools, settings, config, publicUrl: null), out var noKeys) is not { } keys)
        {
            return Failed(output, noKeys);
        }

        try
        {
            using var ring = new KeyRing(keys, tools.Time);
            return Give(await new VerifyRecord(storage.Tables, ring).RunAsync([.. known.OfType<SealAnchor>()], cancellationToken), output);
        }
        catch (Exception e) when ((OperatorStorage.FaultOf(e) ?? (e as KeySourceException)?.Message) is { } refused && !cancellationToken.IsCancellationRequested)
        {
            return Failed(output, refused);
        }
    }

    private static int Give(RecordVerdict verdict, TextWriter output)
    {
        foreach (var line in verdict.Faults)
        {
            output.WriteLine($"✗ {Shown.Text(line)}");
        }

        foreach (var line in verdict.Unchecked)
        {
            output.WriteLine($"? {Shown.Text(line)}");
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{verdict.Entries} entries in {verdict.Lanes} lanes under {verdict.Seals} seals: {(verdict.Faults.Count > 0 ? $"{verdict.Faults.Count} faults." : verdict.Unchecked.Count > 0 ? "what could be checked is as it was written." : "all as they were written.")}"));
        return verdict.Faults.Count > 0 ? Wrong : verdict.Unchecked.Count > 0 ? Incomplete : Right;
    }

    private static SealAnchor? Parse(string text) =>
        text.Split(':') is [var number, { Length: 64 } hash] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && hash.All(char.IsAsciiHexDigit)
            ? new SealAnchor(value, Convert.FromHexString(hash))
            : null;

    private static int Failed(TextWriter output, string line)
    {
        output.WriteLine(line);
        return Wrong;
    }
}
