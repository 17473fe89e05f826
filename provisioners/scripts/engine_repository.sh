#!/bin/sh
# Makes Docker's official repository (or a mirror of it) known to apt; its key must have the wanted fingerprint.
set -eu
: "${fingerprint:?}" "${url=}"

fail() { code=$1; shift; echo "$*" >&2; exit "$code"; }
apt() { apt-get -q -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@" 9>&-; }

exec 9>/run/skep.lock
flock -w 600 9 || fail 75 "another skep has worked on this host for more than 10 min"

# shellcheck disable=SC1091  # of the host
. /etc/os-release
case ${ID:-} in
  debian | ubuntu | raspbian) ;;
  *) fail 65 "Docker has no repository for \"${ID:-unknown}\": use source: distro" ;;
esac
url=${url:-https://download.docker.com/linux/$ID}
key=/etc/apt/keyrings/docker.asc
list=/etc/apt/sources.list.d/docker.sources

# Prints the fingerprint of the one primary key in an armored file (RFC 4880), or says why there is none.
# shellcheck disable=SC2016  # the program is perl's
fingerprint_of() {
  perl -MMIME::Base64 -0777 -ne '
    my @blocks = /-----BEGIN PGP PUBLIC KEY BLOCK-----.*?\n\r?\n(.*?)\n=?[^\n]*\n?-----END/sg;
    die "it holds no single OpenPGP key block\n" if @blocks != 1;
    my ($data, @keys) = decode_base64($blocks[0]);
    while (length $data) {
      my $first = ord substr $data, 0, 1, "";
      my ($tag, $length);
      if ($first & 0x40) {
        $tag = $first & 0x3f;
        $length = ord substr $data, 0, 1, "";
        if ($length >= 192 && $length < 224) { $length = ($length - 192) * 256 + 192 + ord substr $data, 0, 1, "" }
        elsif ($length == 255) { $length = unpack "N", substr $data, 0, 4, "" }
      } else {
        $tag = ($first >> 2) & 0x0f;
        my $size = (1, 2, 4)[$first & 3] or die "it cannot be read\n";
        $length = unpack "N", ("\0" x (4 - $size)) . substr $data, 0, $size, "";
      }
      my $body = substr $data, 0, $length, "";
      push @keys, $body if $tag == 6;
    }
    die "it holds ", scalar @keys, " primary keys\n" if @keys != 1;
    print "\x99", pack("n", length $keys[0]), $keys[0]' "$1" | sha1sum | cut -d ' ' -f 1
}

install -d -m 0755 /etc/apt/keyrings
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
chmod 0755 "$new"
/usr/lib/apt/apt-helper -o Acquire::Retries=3 download-file "$url/gpg" "$new/key" >"$new/log" 2>&1 9>&- ||
  fail 75 "the repository's key cannot be fetched: $(grep '^E:' "$new/log" | head -n 1)"
seen=$(fingerprint_of "$new/key" | tr a-f A-F)
[ "$seen" = "$fingerprint" ] || fail 77 "the repository's key $url/gpg has the fingerprint $seen, not $fingerprint"

printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: stable\nArchitectures: %s\nSigned-By: %s\n' \
  "$url" "${VERSION_CODENAME:?}" "$(dpkg --print-architecture)" "$key" >"$new/list"
if ! cmp -s "$new/key" "$key"; then install -m 0644 "$new/key" "$key"; fi
if ! cmp -s "$new/list" "$list"; then install -m 0644 "$new/list" "$list"; fi

apt update -o Dir::Etc::sourcelist="$list" -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0 >"$new/log" 2>&1 ||
  fail 75 "the repository $url cannot be read: $(grep -E '^(E|W):' "$new/log" | tail -n 1)"
if grep -q '^E:' "$new/log"; then fail 75 "the repository $url: $(grep '^E:' "$new/log" | tail -n 1)"; fi
