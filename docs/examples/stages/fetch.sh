#!/bin/sh
# A stage in shell: it stands in for aot-fetch, and takes the archives that apt knows one after the other.
# Reads aot.packages/v1, writes aot.archives/v1; needs jq and curl.
set -eu
cachedir='' offline='' work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
die() { echo "fetch.sh: $2" >&2; exit "$1"; }
while [ $# -gt 0 ]; do case $1 in
  --cachedir) [ -z "$cachedir" ] || die 64 "option '$1' is given twice"; cachedir=$2; shift 2 ;;
  --offline) offline=1; shift ;;
  --source-root) shift 2 ;; # archives beside the treefile are beyond this example
  *) die 64 "unknown option '$1'" ;; esac; done
cat > "$work/lock" && [ -s "$work/lock" ] || die 66 'standard input is empty'
jq -e '.kind == "aot.packages/v1"' "$work/lock" > "$work/is" 2>&1 || die 65 'standard input is no aot.packages/v1'
[ "$offline" ] || apt-get --print-uris update | sed -n "s|^'\(.*/\)dists/.*|\1|p" | sort -u > "$work/archives"
jq -r '.packages[] | "\(.sha256) \(.path)"' "$work/lock" | while read -r sum path; do
  file=${cachedir:-/var/cache/apt-ostree}/archives/$(printf %.2s "$sum")/$sum.deb
  [ -e "$file" ] && continue || [ -z "$offline" ] || die 69 "'$path' is not in the cache"
  while read -r archive; do curl -fsSL -o "$work/deb" "$archive$path" && break; done < "$work/archives" 2> "$work/log"
  echo "$sum  $work/deb" | sha256sum --check --status 2> "$work/no" || die 69 "cannot download '$path': $(cat "$work/log")"
  mkdir -p "${file%/*}" && cp "$work/deb" "$file.$$" && mv "$file.$$" "$file"
done
jq '.kind = "aot.archives/v1" | .archives = [.packages[] | {
  package: "\(.name):\(.architecture)", sha256, file: "archives/\(.sha256[:2])/\(.sha256).deb" }]' "$work/lock"
