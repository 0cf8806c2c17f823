#!/usr/bin/env bash
# Writes the public API of the libraries anew, into PublicAPI.Unshipped.txt beside each project: run it after a change of a public name,
# and commit what changed. The compiler's own list of what is missing (RS0016) becomes the file.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C DOTNET_CLI_UI_LANGUAGE=en

for project in AttentionLab AttentionLab.Kernel AttentionLab.Interactive; do
    list="lib/$project/PublicAPI.Unshipped.txt"
    echo '#nullable enable' | tee "lib/$project/PublicAPI.Shipped.txt" >"$list"
    log=$(dotnet build "lib/$project" --no-incremental --no-dependencies -p:TreatWarningsAsErrors=false) || { echo "$log"; exit 1; }
    sed -n "s/.*warning RS0016: Symbol '\(.*\)' is not part of the declared public API.*/\1/p" <<<"$log" | sort -u >>"$list"
    echo "$list: $(wc -l <"$list") lines"
done
