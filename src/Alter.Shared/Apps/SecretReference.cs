using System.Text.Json;

namespace Alter.Apps;

/// <summary>What <c>{ "secret": "name" }</c> says: only ever names of secrets.</summary>
/// <param name="Name">Null where it is missing or wrong.</param>
/// <param name="Previous">The one before, still good while a rotation is under way; null where none is named.</param>
internal sealed record SecretReference(string? Name, string? Previous)
{
    private static readonly SecretReference None = new(null, null);

    /// <summary>Reads it. What stands there instead may be the secret itself; it is refused and not repeated.</summary>
    public static SecretReference Read(StrictObject entry, string member, string example)
    {
        if (entry.Take(member, false, example) is { ValueKind: not JsonValueKind.Object })
        {
            entry.Add(member, "A secret never stands in the document; name it, and rotate what stood here.", example);
            return None;
        }

        if (entry.Object(member, example) is not { } reference)
        {
            return None;
        }

        var read = new SecretReference(
            reference.Text("secret", Forms.SecretName(), Forms.SecretNameWords, "\"shop-google\"", required: true),
            reference.Text("previous", Forms.SecretName(), Forms.SecretNameWords, "\"shop-google-2025\""));
        if (read.Previous is not null && read.Previous == read.Name)
        {
            reference.Add("previous", "It is the same secret.", "\"shop-google-2025\"");
        }

        reference.Close();
        return read;
    }
}
