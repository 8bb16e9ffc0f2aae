using Alter.Forwarding;
using Microsoft.AspNetCore.Http;

namespace Alter.Tests.Forwarding;

/// <summary>What a caller says around a call goes into the record, and nothing else of it.</summary>
public sealed class CallContextTests
{
    [Fact]
    public void Caller_reason_and_context_are_kept_without_control_and_direction_characters()
    {
        var read = Read(("X-Alter-Caller", "night\u001b[31mly"), ("X-Alter-Reason", "a\u202Eb\tc"), ("X-Alter-Context", """{"run_id":"4\u00072","to\u202Eol":"x"}"""));
        Assert.Equal(("night[31mly", "abc"), (read!.CallerLabel, read.ReasonText));
        Assert.Equal([("run_id", "42"), ("tool", "x")], read.ContextEntries!.Select(entry => (entry.Key, entry.Value)).Order());
    }

    [Theory]
    [InlineData("""{"a":"1","a":"2"}""")]
    [InlineData("""{"a":{}}""")]
    [InlineData("""["a"]""")]
    [InlineData("""{"a":"\ud800"}""")]
    public void A_context_that_is_not_texts_by_name_is_refused(string context) => Assert.Null(Read(("X-Alter-Context", context)));

    private static ControlHeaders? Read(params (string Name, string Value)[] headers)
    {
        var all = new HeaderDictionary { ["X-Alter-Url"] = "https://api.erp.acme.com/", ["X-Alter-Provider"] = "erp" };
        foreach (var (name, value) in headers)
        {
            all[name] = value;
        }

        return ControlHeaders.Read(all).Succeeded(out var read, out _) ? read : null;
    }
}
