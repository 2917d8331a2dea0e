#!/bin/sh
# A stage in shell: it stands in for aot-fetch, takes the archives one after the other with curl, and keeps the contract.
# Reads aot.packages/v1, writes aot.archives/v1; needs jq and curl.
set -eu
cachedir=/var/cache/apt-ostree
while [ $# -gt 0 ]; do
  case $1 in --cachedir) cachedir=$2 && shift ;; esac
  shift
done
lock=$(mktemp)
trap 'rm -f "$lock"' EXIT
cat > "$lock"
archives=$(sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\).*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | sort -u)
jq -r '.packages[] | "\(.sha256) \(.path)"' "$lock" | while read -r sum path; do
  file=$cachedir/archives/$(printf %.2s "$sum")/$sum.deb
  [ -e "$file" ] && continue
  mkdir -p "${file%/*}"
  for archive in $archives; do curl -fsSL -o "$file.part" "${archive%/}/$path" 2>/dev/null && break; done
  echo "$sum  $file.part" | sha256sum --check --quiet - >&2
  mv "$file.part" "$file"
done
jq '.kind = "aot.archives/v1" | .archives = [.packages[] | {
  package: "\(.name):\(.architecture)", sha256, file: "archives/\(.sha256[:2])/\(.sha256).deb" }]' "$lock"
