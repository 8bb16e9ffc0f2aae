@echo off
where dotnet >nul 2>nul || (echo The .NET SDK 10 is missing: install it from https://dot.net/download and run start again. 1>&2 & exit /b 1)
dotnet msbuild "%~dp0tools\Start" -restore -nologo -verbosity:quiet -nodeReuse:false -property:UseSharedCompilation=false || exit /b 1
dotnet "%~dp0tools\Start\bin\Debug\net10.0\Alter.Start.dll" %*
exit /b %ERRORLEVEL%
