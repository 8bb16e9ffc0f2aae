using Alter.Storage.Wire;

namespace Alter.Tests.Storage;

public sealed class Utf8TextTests
{
    [Fact]
    public void A_text_in_rented_memory_is_a_copy_and_empty_once_given_back()
    {
        var utf8 = "é text"u8.ToArray();
        var text = Utf8Text.Rented(utf8);
        utf8.AsSpan().Clear();

        Assert.Equal("é text", text.ToString());
        text.GiveBack();
        Assert.Equal(("", 0), (text.ToString(), text.Length));
        text.GiveBack(); // Not twice: two texts would share it.
        var (one, other) = (Utf8Text.Rented("one"u8), Utf8Text.Rented("two"u8));
        Assert.Equal(("one", "two"), (one.ToString(), other.ToString()));
    }

    [Fact]
    public void A_text_that_is_not_rented_is_empty_then_too()
    {
        var text = Utf8Text.Of("text");
        text.GiveBack();
        Assert.Equal(0, text.Length);
    }
}
