#!/bin/bash
# Makes a small apt repository in the layout of Docker's own: Debian's engine repacked as docker-ce, docker-ce-cli and
# containerd.io in two versions, signed with a key of its own. Usage: docker_repository.sh FOLDER
# Prints the fingerprint of the key. Needs dpkg-dev, gpg and Debian's package archive.
set -euo pipefail
folder=$1
mkdir -p "$folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
arch=$(dpkg --print-architecture)
codename=bookworm
pool=$folder/dists/$codename/pool/stable/$arch
mkdir -p "$pool" "$work/debs"
chmod 755 "$work" "$work/debs"

(cd "$work/debs" && apt-get -q download docker.io containerd runc >/dev/null)
for package in docker.io containerd runc; do dpkg-deb -R "$work/debs/$package"_*.deb "$work/$package"; done
upstream=$(dpkg-deb -f "$work/debs/docker.io"_*.deb Version | sed 's/-.*//')  # 20.10.24+dfsg1
version=${upstream%%+*}
older=${version%.*}.$((${version##*.} - 1))                                   # 20.10.23, of the same length

# control PACKAGE VERSION DEPENDS CONFLICTS FOLDER
control() {
  mkdir -p "$5/DEBIAN"
  printf '%s\n' "Package: $1" "Version: $2" "Architecture: $arch" "Maintainer: skep tests <tests@example.org>" \
    "Section: admin" "Priority: optional" "Depends: $3" "Conflicts: $4" "Replaces: $4" "Description: $1 for tests" \
    >"$5/DEBIAN/control"
}
build() { dpkg-deb --root-owner-group -Zzstd -z1 -b "$1" "$pool" >/dev/null; }

mkdir -p "$work/runtime"
cp -a "$work/containerd/." "$work/runtime/"
rm -rf "$work/runtime/DEBIAN/md5sums" "$work/runtime/usr/share"
mkdir -p "$work/runtime/usr/bin"
cp -a "$(find "$work/runc" -name runc -type f -size +1M)" "$work/runtime/usr/bin/runc"
control containerd.io 1.6.20-1 libc6 "containerd, runc" "$work/runtime"
build "$work/runtime"

for wanted in "$older" "$version"; do
  packaged=5:$wanted-1~debian.12~$codename
  rm -rf "$work/cli" "$work/engine"
  mkdir -p "$work/cli/usr/bin"
  cp -a "$work/docker.io" "$work/engine"
  mv "$work/engine/usr/bin/docker" "$work/cli/usr/bin/docker"
  rm -rf "$work/engine/usr/share" "$work/engine/DEBIAN/md5sums" "$work/engine/DEBIAN/preinst" "$work/engine/DEBIAN/postrm"
  # The engine says which version it is: the same number of letters, so that nothing moves inside the file.
  if [ "$wanted" != "$version" ]; then
    sed -i "s/$version+dfsg1/$wanted+dfsg1/g" "$work/engine/usr/sbin/dockerd" "$work/cli/usr/bin/docker"
  fi
  sed -i '/dpkg-maintscript-helper/d' "$work/engine/DEBIAN/postinst" "$work/engine/DEBIAN/prerm"
  control docker-ce-cli "$packaged" libc6 "docker.io" "$work/cli"
  control docker-ce "$packaged" "docker-ce-cli, containerd.io, iptables, libdevmapper1.02.1, tini, adduser" "docker.io" \
    "$work/engine"
  build "$work/cli"
  build "$work/engine"
done

cd "$folder"
binary=dists/$codename/stable/binary-$arch
mkdir -p "$binary"
dpkg-scanpackages -m "dists/$codename/pool" >"$binary/Packages" 2>/dev/null
gzip -k9nf "$binary/Packages"
{
  printf 'Origin: Docker\nLabel: Docker CE\nSuite: %s\nCodename: %s\nArchitectures: %s\nComponents: stable\n' \
    "$codename" "$codename" "$arch"
  printf 'Date: %s\nSHA256:\n' "$(LC_ALL=C date -Ru)"
  for file in Packages Packages.gz; do
    printf ' %s %s stable/binary-%s/%s\n' "$(sha256sum "$binary/$file" | cut -d ' ' -f 1)" \
      "$(stat -c %s "$binary/$file")" "$arch" "$file"
  done
} >"$work/Release"

export GNUPGHOME=$work/gnupg
mkdir -m 700 "$GNUPGHOME"
gpg --batch --quiet --passphrase '' --quick-generate-key "skep tests <tests@example.org>" rsa2048 sign never 2>/dev/null
gpg --batch --quiet --armor --export >./gpg
gpg --batch --quiet --clearsign --digest-algo SHA256 -o - "$work/Release" >"dists/$codename/InRelease"
gpg --batch --with-colons --fingerprint 2>/dev/null | awk -F: '$1 == "fpr" { print $10; exit }'
gpgconf --kill all 2>/dev/null || true
