using Alter.Providers;
using Alter.Refresh;

namespace Alter.Tests.Refresh;

public sealed class RefreshOptionsTests
{
    [Theory]
    [InlineData(RotationKind.Grace, 120, true, 45)]
    [InlineData(RotationKind.Grace, 90, true, 45)]
    [InlineData(RotationKind.Grace, 60, true, 30)]
    [InlineData(RotationKind.Grace, 30, true, 15)]
    [InlineData(RotationKind.Grace, 29, false, 45)] // The token endpoint would have too little time to answer.
    [InlineData(RotationKind.Strict, 60, false, 45)]
    [InlineData(RotationKind.Unknown, 60, false, 45)]
    [InlineData(RotationKind.None, 60, false, 45)]
    public void The_lease_ends_inside_the_grace_of_a_spent_token_where_that_leaves_time_enough(RotationKind rotation, int grace, bool repeats, int lease)
    {
        var definition = ProviderCatalog.BuiltIn.Find("google")! with { Rotation = rotation, RotationGrace = TimeSpan.FromSeconds(grace) };

        Assert.Equal((repeats, TimeSpan.FromSeconds(lease)), (RefreshOptions.Default.CanRepeat(definition), RefreshOptions.Default.For(definition).LeaseLifetime));
    }

    [Fact]
    public void A_redemption_that_may_begin_ends_inside_its_lease() => Assert.True(RefreshOptions.Default.Budget < RefreshOptions.Default.NeededAtStart);
}
