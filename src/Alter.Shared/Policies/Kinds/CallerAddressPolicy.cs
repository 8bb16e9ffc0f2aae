namespace Alter.Policies;

/// <summary>Allows calls from some addresses.</summary>
/// <param name="Name">The operator's name for it.</param>
/// <param name="Ranges">From any of these.</param>
public sealed record CallerAddressPolicy(string Name, IReadOnlyList<AddressRange> Ranges) : IPolicy
{
    public string Kind => "caller_address";

    public string Rule { get; } = ShortList.Of(Ranges.Select(range => range.ToString()));

    public Denial? Judge(CallFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return facts.CallerAddress is not { } address
            ? new Denial("The caller's address is not known, so no address is allowed. The document's caller_address says which header tells it.")
            : Ranges.Any(range => range.Contains(address)) ? null
            : new Denial($"Calls from {address} are not allowed.");
    }
}
