namespace Alter;

/// <summary>One thing wrong with a document of the operator. Nothing in it repeats a value: it could be a secret in the wrong place.</summary>
/// <param name="Path">Where, as in <c>apps.shop.keys[0].sha256</c>.</param>
/// <param name="Fault">What is wrong.</param>
/// <param name="Example">What would be right.</param>
public sealed record ConfigurationMistake(string Path, string Fault, string Example)
{
    public override string ToString() => $"{Path}: {Fault} Example: {Example}";
}
