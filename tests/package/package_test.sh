#!/bin/bash
# The Debian package, built and unpacked into a folder: the binary runs, man pages are without fault, the completion
# scripts parse, and `cmake --install` puts the same files in place. 77: a tool is missing, and is named.
set -euo pipefail
build=$1
fail() { echo "FAILED: $*" >&2; exit 1; }
for tool in cpack dpkg-deb dpkg-shlibdeps mandoc groff man zsh fish; do
  command -v "$tool" >/dev/null || { echo "skipped: no $tool here; see scripts/install test"; exit 77; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

(cd "$folder" && cpack --config "$build/CPackConfig.cmake" -B "$folder/out" >log 2>&1) || { cat "$folder/log"; fail "cpack"; }
package=$(echo "$folder"/out/skep_*.deb)
[ -f "$package" ] || fail "there is no package"
dpkg-deb -f "$package" Depends | grep -q libcurl4 || fail "the package does not name the libraries it needs"
dpkg-deb -x "$package" "$folder/root"
share=$folder/root/usr/share

version=$("$folder/root/usr/bin/skep" --version)
echo "$version" | grep -Eq '^skep [0-9.]+ \(commit ([0-9a-f]{12}(\+dirty)?|unknown); .+\)$' || fail "it says: $version"
echo "$version" | grep -q "^skep $(dpkg-deb -f "$package" Version | sed 's/-[0-9]*$//') " || fail "the package is of another version"

pages=0
for page in "$share"/man/man1/*.1.gz; do
  zcat "$page" >"$folder/page.1"
  mandoc -T lint -W warning "$folder/page.1" >"$folder/faults" || { cat "$folder/faults"; fail "mandoc: $page"; }
  groff -man -ww -Tutf8 "$folder/page.1" >"$folder/shown" 2>"$folder/faults"
  [ ! -s "$folder/faults" ] || { cat "$folder/faults"; fail "groff: $page"; }
  pages=$((pages + 1))
done
commands=$("$folder/root/usr/bin/skep" --help | awk '/^Commands:/ {on = 1; next} /^$/ {on = 0} on {print $1}')
for command in $commands; do [ -f "$share/man/man1/skep-$command.1.gz" ] || fail "no page of skep $command"; done
MANPATH=$share/man man -P cat skep-apply | grep -q -- --auto-approve || fail "man skep-apply lacks its options"

bash -n "$share/bash-completion/completions/skep" || fail "bash"
zsh -n "$share/zsh/vendor-completions/_skep" || fail "zsh"
fish -n "$share/fish/vendor_completions.d/skep.fish" || fail "fish"
head -1 "$share/zsh/vendor-completions/_skep" | grep -q '^#compdef skep' || fail "zsh will not load it"
[ -f "$share/doc/skep/README.md" ] || fail "no README"
[ -f "$share/doc/skep/commands.md" ] || fail "no documents"

cmake --install "$build" --prefix "$folder/installed" >/dev/null
(cd "$folder/root/usr" && find . -type f | sort) >"$folder/packaged"
(cd "$folder/installed" && find . -type f | sort) >"$folder/in_place"
diff "$folder/packaged" "$folder/in_place" || fail "the package and cmake --install differ"
echo "$pages pages, $(wc -l <"$folder/packaged") files: $version"
