namespace Alter.Apps;

/// <summary>Reads <c>{ "secret": "name" }</c>: only ever the name of a secret. What else stands there may be the secret itself; it is refused and not repeated.</summary>
internal static class SecretReference
{
    public static string? Read(StrictObject entry, string member, string example)
    {
        if (entry.Take(member, false, example) is { ValueKind: not System.Text.Json.JsonValueKind.Object })
        {
            entry.Add(member, "A secret never stands in the document; name it, and rotate what stood here.", example);
            return null;
        }

        if (entry.Object(member, example) is not { } reference)
        {
            return null;
        }

        var name = reference.Text("secret", Forms.SecretName(), Forms.SecretNameWords, "\"shop-google\"", required: true);
        reference.Close();
        return name;
    }
}
