using Alter.Tests;

[assembly: AssemblyFixture(typeof(SharedAzurite))]

namespace Alter.Tests;

/// <summary>The storage account that most classes share; they meet in it by app ids of their own.</summary>
public sealed class SharedAzurite : OwnAzurite;
