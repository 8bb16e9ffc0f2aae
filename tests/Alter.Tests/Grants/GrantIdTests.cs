using Alter.Grants;

namespace Alter.Tests.Grants;

public sealed class GrantIdTests
{
    private const string Hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Fact]
    public void An_id_is_a_uuid_of_version_8_that_names_its_partition()
    {
        var owner = new GrantOwner("shop", Hash);
        var ids = Enumerable.Range(0, 1000).Select(_ => GrantId.New(owner)).ToArray();

        Assert.Equal(1000, ids.Distinct().Count());
        Assert.All(ids, id =>
        {
            // RFC 9562 §5.8: version 8 in the 13th digit, variant 10 in the 17th.
            Assert.StartsWith("01234567-89ab-8cde-", id.ToString("D"), StringComparison.Ordinal);
            Assert.Contains(id.ToString("D")[19], "89ab".AsEnumerable());
            Assert.Equal("shop|0123456789abcde", GrantId.PartitionOf("shop", id));
        });
        Assert.Equal(owner.Partition, GrantId.PartitionOf("shop", ids[0]));
    }

    [Fact]
    public void The_random_bits_are_all_used()
    {
        var or = new byte[8];
        var and = Enumerable.Repeat((byte)255, 8).ToArray();
        for (var i = 0; i < 500; i++)
        {
            var random = Convert.FromHexString(GrantId.New(new GrantOwner("shop", Hash)).ToString("N")[16..]);
            for (var at = 0; at < 8; at++)
            {
                or[at] |= random[at];
                and[at] &= random[at];
            }
        }

        Assert.Equal("BFFFFFFFFFFFFFFF", Convert.ToHexString(or));
        Assert.Equal("8000000000000000", Convert.ToHexString(and));
    }

    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("01234567-89ab-4cde-8000-000000000000")]
    public void An_id_of_another_version_names_no_partition(string id) => Assert.Null(GrantId.PartitionOf("shop", Guid.Parse(id)));
}
