using System.Reflection;
using Alter.Functions.Connect;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Http;

/// <summary>
/// Everything no other function takes. The host tries routes in the order of function names, so this one's name sorts last. It also serves the Connect page
/// where a base URL with a trailing slash doubles the first one: <c>//sdk/oauth/connect</c>.
/// </summary>
public sealed class ZzzNotFound
{
    private static readonly (TemplateMatcher Path, string[] Methods)[] Routes =
    [
        .. from type in typeof(ZzzNotFound).Assembly.GetTypes()
           where type != typeof(ZzzNotFound)
           from parameter in type.GetMethods().SelectMany(method => method.GetParameters())
           let trigger = parameter.GetCustomAttribute<HttpTriggerAttribute>()
           where trigger is { Route: not null, Methods: not null }
           select (new TemplateMatcher(TemplateParser.Parse(trigger.Route!), []), trigger.Methods),
    ];

    [Function(nameof(ZzzNotFound))]
    public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, Route = "{*path}")] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (HttpMethods.IsGet(request.Method) && request.Path == "/" + ShowConnectPage.DoubledRoute)
        {
            return ConnectPages.Connect;
        }

        string[] allowed = [.. Routes
            .Where(route => route.Path.TryMatch(request.Path, []))
            .SelectMany(route => route.Methods)
            .Select(method => method.ToUpperInvariant())
            .Distinct()];
        return Problems.From(allowed.Length > 0 ? new MethodNotAllowed(allowed) : new NotFound());
    }
}
