using System.Text.Json;
using System.Text.Json.Serialization;

namespace Alter.Sdk;

/// <summary>What shows that the person in the browser is the user of the session: whoever opens a stranger's link must not connect their account to the stranger.</summary>
[JsonConverter(typeof(BrowserProofConverter))]
public enum BrowserProof
{
    /// <summary>A page that is never skipped names the user and asks.</summary>
    Confirm,

    /// <summary>The person signs in at the app's own OpenID provider, and must be the user.</summary>
    Identity,

    /// <summary>The grant works once the app's backend has called <see cref="AlterApp.CompleteConnectAsync"/> with the code that the finishing browser brought.</summary>
    Complete,
}

internal sealed class BrowserProofConverter : JsonConverter<BrowserProof>
{
    public override BrowserProof Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("The vault is told of it, it never answers it.");

    public override void Write(Utf8JsonWriter writer, BrowserProof value, JsonSerializerOptions options) => writer.WriteStringValue(value switch
    {
        BrowserProof.Confirm => "confirm",
        BrowserProof.Identity => "identity",
        BrowserProof.Complete => "complete",
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "There is no such proof."),
    });
}
