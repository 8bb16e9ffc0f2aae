using Alter.Egress;

namespace Alter.Identity;

/// <summary>Where an issuer's keys are. Sources come from configuration alone, so their number is bounded.</summary>
/// <param name="Issuer">Exact.</param>
/// <param name="JwksUri">Null: the issuer's discovery document says.</param>
/// <param name="Scope">Where both may lie.</param>
internal sealed record KeySource(string Issuer, Uri? JwksUri, EgressScope Scope);
