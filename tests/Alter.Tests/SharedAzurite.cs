using Alter.Tests;

[assembly: AssemblyFixture(typeof(SharedAzurite))]

namespace Alter.Tests;

/// <summary>The one Azurite of this assembly; classes meet in it by app ids of their own.</summary>
public sealed class SharedAzurite : OwnAzurite;
