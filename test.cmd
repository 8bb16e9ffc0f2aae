@echo off
rem Builds everything and runs every test. Arguments go to the runner: test -class *.RouteTests
setlocal
cd /d "%~dp0"
call npm ci --prefix tools\azurite --no-audit --no-fund || exit /b 1
call npm ci --prefix tests\Alter.Browser.Tests\known-widget --no-audit --no-fund || exit /b 1
dotnet build Alter.Functions.sln || exit /b 1
set failed=0
for %%p in (Alter.Tests Alter.Functions.Tests Alter.Browser.Tests) do (
  if exist "tests\%%p\%%p.csproj" dotnet "tests\%%p\bin\Debug\net10.0\%%p.dll" %* || set failed=1
)
exit /b %failed%
