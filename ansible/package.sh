#!/usr/bin/env bash
# Makes what a controller needs in target/: the collection, the program that `make build` left, and a Java runtime for it.
#
#   package.sh collection    only the collection, installed in target/collections too, as a controller does it
set -euo pipefail
umask 022

collection=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# The runtime is that of the image.
source "$collection/../image/build.sh"
target=$collection/target
pack() { tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -C "$1" -cf - "$2" | gzip -n -1; }

mkdir -p "$target"
rm -rf "$target"/collections "$target"/tidemark-tidemark-*.tar.gz
ansible-galaxy collection build --output-path "$target" "$collection" > /dev/null
ansible-galaxy collection install --offline --collections-path "$target/collections" "$target"/tidemark-tidemark-*.tar.gz > /dev/null
[ "${1:-}" != collection ] || exit 0

make_runtime
pack "$target" jre > "$target/tidemark-runtime.tar.gz"
rm -rf "$target/jre"
pack "$project/appliance/target" quarkus-app > "$target/tidemark-program.tar.gz"
(cd "$target" && sha256sum tidemark-*.tar.gz)
