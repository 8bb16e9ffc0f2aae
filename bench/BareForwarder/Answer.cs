using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Bench.BareForwarder;

/// <summary><c>/empty</c>: 204.</summary>
public static class Answer
{
    [Function(nameof(Answer))]
    public static IActionResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "empty")] HttpRequest request) => new NoContentResult();
}
