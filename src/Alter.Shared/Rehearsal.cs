using System.Buffers;
using System.Text;
using System.Text.Json;
using Alter.Audit;
using Alter.Grants;
using Alter.Identity;
using Alter.Keys;
using Alter.Storage.Wire;
using Alter.Tokens;

namespace Alter;

/// <summary>
/// What every call does in memory, done once with made-up data: the runtime then has it compiled when the first call comes. It touches no network, no file, no key and no state of the process.
/// </summary>
public static class Rehearsal
{
    // Of a key that was thrown away.
    private const string Keys =
        """
        {"keys":[{"kty":"RSA","e":"AQAB","n":"stbmdi3EYdeNETYauJKwrwx6_8KdWVVBPK6bO6Cy7YoO7eF1qOTI4n1G0zTAJCpDXAVYOsxRnWtcsooQHzu73LonrdToNBt1THElTBDBuqOlP4FenV6uQmZpLt0FEBFRnDNXqQZnU9H9uLVtsw2qd_18Q18HUsIfXYiLBtvypdzqrjEzF22Y8-LdHt0ARfhD6MMzBe-ogQt3eERv0ewF87Xaan70CgEbwl3qTA8rsG984q19vgD4pGJTqPpqH6HXgCPB1RNnezOnJmNQ6FtYs1I7yHc69Fqr0sHe9R31HBpOUYT0aomzwvjEa4k_S-6wLXp5zNGU4X2AWCvu7TKA0w"}]}
        """;

    private const string Token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJyZWhlYXJzYWwifQ."
        + "HMd30g1hLKZcRZ796JTh58_J44g0nNgbwAweN_N1puybr1p9Z4tmyGyp90KeKocZ35235vdWqmZ4T8dflgLC8EsA6tBY9H9TqjMgBwJNHwUaYtcuCcvndE0vd7BX_3N1iODBIpPZCVf7dSxzS7fUNVViMPu-L1yb4wWAYqLCiiDcb6qM6Cw1zilPui_da_jsEGas2gDwVikzdsFlV-u327A6IPwHCI-pN02r9K2iv9o57gwQ4f77g0ESVakgF-iha_0hpR-quRVSsDSYmeNKfonRpgcoFL7csyl4kyJnUYHf552iQLaBOYAQTyl1rl5UtD5NxiiSqKmIZLE3NMMNYg";

    /// <summary>Goes through a user's token, a grant and an entry of the record.</summary>
    /// <returns>True: all of it came out as it should.</returns>
    public static async Task<bool> RunAsync() => await ReadTokenAsync() & OpenGrant() & Record();

    private static async Task<bool> ReadTokenAsync() =>
        CompactToken.TryParse(Token, out var token, out _)
        && KeySet.Read(Encoding.UTF8.GetBytes(Keys)) is { } keys
        && await TokenSignature.FaultAsync(token, Token, "rehearsal", keys) is null
        && TokenRules.Broken(token.Times, null, DateTimeOffset.UnixEpoch) is not null;

    private static bool OpenGrant()
    {
        var key = MadeUpKey();
        var owner = new GrantOwner("app", new string('0', 64));
        var place = new SealedPlace(owner.App, owner.Hash, GrantId.New(owner), "provider", "account", "");
        if (!AccessToken.TryParse("made-up", out var access))
        {
            return false;
        }

        var sealedSecrets = SealedSecrets.Seal(key, place, 1, new OpenSecrets(access, null, new AccountProfile("id", "name", null, null)));
        var grant = new Grant
        {
            Key = new GrantKey(owner.Partition, GrantRow.RowKey(place.Provider, place.AccountKey)),
            Place = place,
            Status = GrantStatus.Active,
            Generation = 1,
            Secrets = sealedSecrets,
            Scopes = ["scope"],
            CreatedAt = DateTimeOffset.UnixEpoch,
            ClientAccountKey = "account",
        };
        var answer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(answer, TableRowJson.Writing))
        {
            json.WriteStartObject();
            json.WriteStartArray("value");
            TableRowJson.Write(json, TableRow.Of(GrantRow.From(grant.Authenticated(key), "operation")));
            json.WriteEndArray();
            json.WriteEndObject();
        }

        var rows = new List<TableRow>();
        TableRowJson.ReadAll(answer.WrittenSpan, rows);
        var read = GrantRow.Read(rows[0]);
        return read.IsAuthentic(key) && read.Secrets.TryOpenAccessToken(key, read.Place, read.Generation, out _) && read.RefusalAt(DateTimeOffset.UnixEpoch) is null;
    }

    private static bool Record()
    {
        var entry = new AuditEntry { Kind = AuditKinds.End, Id = "id", At = DateTimeOffset.UnixEpoch, App = "app", Status = 200, BytesOut = 1, GrantId = Guid.Empty, User = new string('0', 64) };
        var text = entry.ToText();
        var chain = AuditChain.Link("lane", 0, AuditChain.Beginning, text.Bytes);
        var body = TransactionBody.Of(
            new TransactionBody.Heads(new Uri("https://account.table.core.windows.net"), "table"),
            [new(AuditRow.Of("lane", 0, text, AuditChain.Beginning, chain, MadeUpKey()), Replaces: false), new(AuditRow.OfHead("lane", new LaneHead(0, chain, entry.At, 0)), Replaces: true)]);
        var activity = new ActivityBatch();
        activity.Add(entry, text);
        return !body.Written.IsEmpty && activity.Entries is [_];
    }

    private static KeyEncryptionKey MadeUpKey() => new(new string('0', 32), new string('0', 64));
}
