#!/bin/sh
# run-arm64.sh ROOT COMMAND...: runs a program of an arm64 system in its own root and as its own root user, under emulation.
# Needs qemu-user-static and a kernel (6.7 or newer) whose user namespaces have their own formats of programs.
set -eu
root=$1
shift
if [ "$root" != --inside ]; then exec unshare --user --map-root-user --mount --pid --fork --kill-child sh "$0" --inside "$root" "$@"; fi
root=$1
shift
mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
# F opens the emulator now, so that it need not be in the root.
printf '%s' ":exo-arm64:M::$magic:$mask:$(command -v qemu-aarch64-static):F" >/proc/sys/fs/binfmt_misc/register
mkdir -p "$root/proc" "$root/dev" "$root/sys"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
exec chroot "$root" "$@"
