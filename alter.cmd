@echo off
dotnet run --verbosity quiet --project "%~dp0tools\Alter.Cli" -- %*
exit /b %ERRORLEVEL%
