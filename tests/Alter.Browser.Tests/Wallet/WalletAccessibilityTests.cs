using Alter.Browser.Tests.States;

namespace Alter.Browser.Tests.Wallet;

/// <summary>axe-core's rules over every state of the Wallet: in the light, in the dark, and at 320 pixels.</summary>
public sealed class WalletAccessibilityTests(Product product)
{
    public static TheoryData<string> States => [.. WalletStates.Names];

    [Theory]
    [MemberData(nameof(States))]
    public async Task No_state_breaks_a_rule(string state)
    {
        await using var bob = await product.SomebodyAsync();

        await AccessibilityTests.AssertNoViolationAsync(bob, (await WalletStates.ReachAsync(product, bob, state)).Page);
    }
}
