using Alter.Functions.Tests;
using Alter.Functions.Tests.Bench;
using Alter.Functions.Tests.Health;
using Alter.Functions.Tests.Release;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Alter.Functions.Tests;

/// <summary>What takes minutes begins first, so that nothing is left running alone; the others follow in any order.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long = [ReleasedCheckout.Group, typeof(DegradedStartTests).FullName!, typeof(BenchTests).FullName!];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. DefaultTestCollectionOrderer.Instance.OrderTestCollections(testCollections).OrderBy(Place)];

    // A class without a group is a collection that is called after it.
    private static int Place<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection =>
        Array.FindIndex(Long, name => collection.TestCollectionDisplayName.Contains(name, StringComparison.Ordinal)) is >= 0 and var place ? place : Long.Length;
}
