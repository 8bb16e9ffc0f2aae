using Quickstart.Calendar;

await using var app = CalendarServer.Build(args);
await app.RunAsync();
