// The two scripts that make a Debian file system into a machine's base image. They run on this computer, as root.
#pragma once

namespace skep::image_scripts {

/// In mmdebstrap, with $1 the image's root: apt is the computer's own, working on the image from outside.
inline constexpr const char* packages_hook = R"sh(#!/bin/sh
set -eu
root=$1
export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"
apt-get clean
apt-get install -q -y --download-only --no-install-recommends docker.io
store=$root/var/cache/skep-packages
scratch=$root/var/cache/skep-scratch
mkdir -p "$store" "$scratch"
# xz is what makes installing slow: three of five seconds of processor time a machine.
find "$root/var/cache/apt/archives" -name '*.deb' -print0 | xargs -0 -P "$(nproc)" -I '{}' sh -euc '
  name=$(basename "$1")
  unpacked=$2/$name
  dpkg-deb -R "$1" "$unpacked"
  dpkg-deb --root-owner-group -Zzstd -z1 -b "$unpacked" "$3/$(printf %s "$name" | tr -d %)" >/dev/null
  rm -rf "$unpacked"' sh '{}' "$scratch" "$store"
rmdir "$scratch"
apt-get clean
cd "$store"
for deb in *.deb; do
  dpkg-deb -f "$deb"
  digest=$(sha256sum "$deb" | cut -d ' ' -f 1)
  printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$deb" "$(stat -c %s "$deb")" "$digest"
done >Packages
{
  echo 'Origin: skep'
  echo 'Suite: warm'
  echo "Date: $(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S UTC')"
  echo 'SHA256:'
  echo " $(sha256sum Packages | cut -d ' ' -f 1) $(stat -c %s Packages) Packages"
} >Release
)sh";

/// Inside the image. @SOURCES@ and @APT_OPTIONS@ stand for lines.
inline constexpr const char* finishing = R"sh(#!/bin/sh
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C

# First the packages that lie here, then Debian's.
cat >/etc/apt/sources.list <<'END'
deb [trusted=yes] file:/var/cache/skep-packages ./
END
cat >/etc/apt/sources.list.d/debian.list <<'END'
@SOURCES@
END
cat >/etc/apt/apt.conf.d/80skep <<'END'
Acquire::Languages "none";
APT::Install-Recommends "false";
@APT_OPTIONS@
END
rm -f /etc/apt/apt.conf.d/99mmdebstrap
apt-get update -q -o Dir::Etc::sourceparts=/nowhere
apt-cache gencaches

# The control groups of version 1 come read-only from systemd-nspawn, and then runc cannot start a container.
cat >/etc/systemd/system/skep-cgroups.service <<'END'
[Unit]
Description=Writable control groups
DefaultDependencies=no
Before=sysinit.target docker.service containerd.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c "grep -q \"^[^ ]* /sys/fs/cgroup cgroup2 \" /proc/self/mounts && exit 0; \
  for m in /sys/fs/cgroup /sys/fs/cgroup/*; do mountpoint -q $$m && mount -o remount,bind,rw $$m; done; exit 0"
[Install]
WantedBy=sysinit.target
END
mkdir -p /etc/systemd/system/sysinit.target.wants
ln -sf ../skep-cgroups.service /etc/systemd/system/sysinit.target.wants/skep-cgroups.service

# Timers of apt would hold dpkg's lock just when a node is set up; the rest waits for hardware that is not there.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer \
  e2scrub_reap.service systemd-networkd-wait-online.service getty.target console-getty.service; do
  ln -sf /dev/null "/etc/systemd/system/$unit"
done

# Who the machine is comes with the machine.
rm -f /etc/ssh/ssh_host_* /etc/hostname /etc/hosts /etc/resolv.conf
: >/etc/machine-id
rm -f /var/lib/dbus/machine-id
mkdir -p /root/.ssh /var/lib/docker /var/lib/containerd
chmod 700 /root/.ssh
rm -rf /tmp/* /var/tmp/* /var/log/*.log /var/log/apt/*
)sh";

}  // namespace skep::image_scripts
