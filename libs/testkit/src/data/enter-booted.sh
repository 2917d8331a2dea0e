#!/bin/sh
# Run in mount and process namespaces of its own: makes ROOT the root directory as it is after a boot, and runs the command.
# Arguments: ROOT SYSROOT VAR RUN, then FROM TO MODE (ro or rw) of further mounts, `--`, the command.
# SYSROOT and VAR may be empty: the tree is then entered without being a deployment.
set -e
root=$1 sysroot=$2 var=$3 run=$4
shift 4

mount --make-rprivate /
mount --bind "$root" "$root" # pivot_root(2) wants a mount point
if [ -n "$sysroot" ]; then
  mount --bind "$sysroot" "$root/sysroot"
  mount --bind "$sysroot/boot" "$root/boot"
fi
[ -z "$var" ] || mount --bind "$var" "$root/var"
mount --bind "$root/usr" "$root/usr"
mount -o remount,bind,ro "$root/usr"
mount --bind "$run" "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
while [ "$1" != -- ]; do
  mount --bind "$1" "$root/$2"
  mount -o "remount,bind,$3" "$root/$2"
  shift 3
done
shift

mkdir -p "$root/run/outside"
cd "$root"
pivot_root . run/outside
cd /
umount --lazy /run/outside
rmdir /run/outside
mount --make-rshared / # as systemd has it: ostree's commands mount from a namespace of their own
exec "$@"
