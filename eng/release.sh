#!/usr/bin/env bash
# Everything a release consists of, made from this checkout: eng/release.sh <folder>. Into the folder go the vault as Flex Consumption runs it (vault/ and alter-vault.zip),
# the SDK's packages, a bill of materials of each, and SHA256SUMS. It tests nothing; ./test has done that.
set -euo pipefail
[ $# -eq 1 ] || { echo "Usage: eng/release.sh <folder>" >&2; exit 2; }
mkdir -p "$1"
release=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=true DOTNET_CLI_TELEMETRY_OPTOUT=true
# The time in whatever has to carry one: the commit's. A checkout without git has none.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2> /dev/null || true)}
export SOURCE_DATE_EPOCH
# Nothing stays behind, unless whoever calls has a compiler for all.
export UseSharedCompilation=${UseSharedCompilation:-false}
build=(--configuration Release -property:RunAnalyzers=false -nodeReuse:false)
dotnet publish src/Alter.Functions "${build[@]}" --output "$release/vault"
dotnet pack src/Alter.Sdk "${build[@]}" --output "$release"
dotnet pack src/Alter.Sdk.AspNetCore "${build[@]}" --output "$release"
dotnet build tools/Release "${build[@]}"
dotnet tools/Release/bin/Release/net10.0/Alter.Release.dll "$PWD" "$release"
