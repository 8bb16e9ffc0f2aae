using System.Text.Json.Nodes;

namespace Alter.Tests.Identity;

/// <summary>The groups a token lists, wherever its identity provider puts them.</summary>
public sealed class GroupsClaimTests : IdentityFixture
{
    [Theory]
    [InlineData("groups", """{ "groups": ["staff", "ops"] }""", "staff,ops")]
    [InlineData("groups", """{ "groups": "staff" }""", "staff")]
    [InlineData("groups", """{ "groups": [] }""", "")]
    [InlineData("https://acme.com/groups", """{ "https://acme.com/groups": ["staff"] }""", "staff")] // Auth0
    [InlineData("cognito:groups", """{ "cognito:groups": ["staff"] }""", "staff")]
    [InlineData("realm_access.roles", """{ "realm_access": { "roles": ["staff"] } }""", "staff")] // Keycloak
    [InlineData("realm_access.roles", """{ "realm_access.roles": ["literal"], "realm_access": { "roles": ["nested"] } }""", "literal")]
    [InlineData("resource_access.shop.roles", """{ "resource_access": { "shop": { "roles": ["staff"] } } }""", "staff")]
    [InlineData("https://acme.com/claims.roles", """{ "https://acme.com/claims": { "roles": ["staff"] } }""", "staff")]
    [InlineData("groups", "{}", null)]
    [InlineData("groups", """{ "groups": ["", "a,b"] }""", ",a,b")]
    [InlineData("groups", """{ "Groups": ["staff"] }""", null)]
    [InlineData("groups", """{ "groups": ["staff", 7] }""", null)] // Half a list is none.
    [InlineData("groups", """{ "groups": { "staff": true } }""", null)]
    [InlineData("groups", """{ "groups": true }""", null)]
    [InlineData("realm_access.roles", """{ "realm_access.roles": 7, "realm_access": { "roles": ["nested"] } }""", null)]
    [InlineData("realm_access.roles", """{ "realm_access": ["roles"] }""", null)]
    [InlineData("groups", """{ "_claim_names": { "groups": "src1" } }""", null)] // Entra: too many to list.
    public async Task Groups_are_read_as_a_text_or_a_list_of_texts(string claim, string claims, string? expected)
    {
        var user = await Accepted(
            Idp.Token(token =>
            {
                foreach (var (name, value) in JsonNode.Parse(claims)!.AsObject())
                {
                    token[name] = value?.DeepClone();
                }
            }),
            Provider() with { GroupsClaim = claim });

        Assert.Equal(expected, user.Groups is null ? null : string.Join(',', user.Groups));
    }

    [Fact]
    public async Task Without_a_groups_claim_in_the_document_a_token_names_none() =>
        Assert.Null((await Accepted(Idp.Token(token => token["groups"] = new JsonArray("staff")))).Groups);
}
