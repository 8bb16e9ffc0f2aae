using System.Text.Json;
using System.Text.Json.Serialization;

namespace Alter.Sdk;

/// <summary>Whether a grant works.</summary>
[JsonConverter(typeof(GrantStatusConverter))]
public enum GrantStatus
{
    /// <summary>A status this version of the SDK does not know.</summary>
    Unknown,

    /// <summary>It works.</summary>
    Active,

    /// <summary>Connect is not finished yet.</summary>
    Pending,

    /// <summary>Its lifetime has passed.</summary>
    Expired,

    /// <summary>It was revoked through the vault.</summary>
    Revoked,

    /// <summary>The provider no longer honours it.</summary>
    CredentialRevoked,
}

internal static class GrantStatusNames
{
    internal static string ToWire(this GrantStatus status) => status switch
    {
        GrantStatus.Active => "active",
        GrantStatus.Pending => "pending",
        GrantStatus.Expired => "expired",
        GrantStatus.Revoked => "revoked",
        GrantStatus.CredentialRevoked => "credential_revoked",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "A status to ask for is one of the known ones."),
    };

    internal static GrantStatus Parse(string? text) => text switch
    {
        "active" => GrantStatus.Active,
        "pending" => GrantStatus.Pending,
        "expired" => GrantStatus.Expired,
        "revoked" => GrantStatus.Revoked,
        "credential_revoked" => GrantStatus.CredentialRevoked,
        _ => GrantStatus.Unknown,
    };
}

internal sealed class GrantStatusConverter : JsonConverter<GrantStatus>
{
    public override GrantStatus Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => GrantStatusNames.Parse(reader.GetString());

    public override void Write(Utf8JsonWriter writer, GrantStatus value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value is GrantStatus.Unknown ? "unknown" : value.ToWire());
}
