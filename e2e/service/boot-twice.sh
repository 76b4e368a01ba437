#!/bin/sh
# Boots a machine with systemd twice: this system with a disk of its own in memory, in namespaces. Needs root and overlayfs.
# boot-twice.sh FOLDER: FOLDER/trial.sh runs in each boot with the boot's number, and writes to FOLDER/trial.log.
set -eu
folder=$1

if [ "${2:-}" = machine ]; then
  cd "$folder/machine"
  mkdir -p trial
  mount --bind "$folder" trial
  mount -t proc proc proc
  mount --rbind /sys sys
  mount --bind /dev dev
  mount -t tmpfs tmpfs run
  ip link set lo up
  if [ ! -e etc/trial ]; then
    touch etc/trial
    # Only what the trial needs starts.
    rm -rf etc/systemd/system/*.wants lib/systemd/system/*.wants
    echo 0123456789abcdef0123456789abcdef >etc/machine-id
    mkdir -p etc/systemd/system/multi-user.target.wants
    cat >etc/systemd/system/trial.service <<'UNIT'
[Unit]
After=exo.service
[Service]
Type=oneshot
StandardOutput=append:/trial/trial.log
StandardError=append:/trial/trial.log
ExecStart=/bin/sh /trial/trial.sh
UNIT
    ln -s ../trial.service etc/systemd/system/multi-user.target.wants/trial.service
  fi
  export container=docker
  exec chroot . /lib/systemd/systemd --system --unit=multi-user.target --show-status=0
fi

mount --make-rprivate /
mkdir -p "$folder/disk" "$folder/machine"
mount -t tmpfs -o size=4g none "$folder/disk"
mkdir "$folder/disk/upper" "$folder/disk/work"
for boot in 1 2; do
  mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/disk/upper,workdir=$folder/disk/work" "$folder/machine"
  echo $boot >"$folder/boot"
  timeout 240 unshare --mount --pid --fork --uts --ipc --cgroup --net sh "$0" "$folder" machine >>"$folder/console" 2>&1 || true
  umount -R "$folder/machine"
done
