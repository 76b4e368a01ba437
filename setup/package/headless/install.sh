#!/bin/sh
# Installs exo from an archive into a folder, updates it, or removes it. Needs no root.
#   sh install.sh [--prefix FOLDER] [ARCHIVE]     the archive must lie beside SHA256SUMS and its signatures
#   sh install.sh --uninstall [--prefix FOLDER]
set -eu

public_key='@PUBLIC_KEY@'
ssh_public_key='@SSH_PUBLIC_KEY@'
prefix=$HOME/.local
mode=install
archive=

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --prefix) [ $# -ge 2 ] || fail '--prefix needs a folder.'; prefix=$2; shift ;;
    --prefix=*) prefix=${1#--prefix=} ;;
    --uninstall) mode=uninstall ;;
    -*) fail "unknown option $1" ;;
    *) archive=$1 ;;
  esac
  shift
done
case $prefix in /*) ;; *) prefix=$(pwd)/$prefix ;; esac

# Versions lie side by side for a moment; a link names the one in use.
versions=$prefix/lib/exo-distributed
current=$versions/current
# The man page and the completions of each shell.
completions='share/bash-completion/completions/exo share/zsh/site-functions/_exo share/fish/vendor_completions.d/exo.fish'
shared="share/man/man1/exo.1 $completions"

if [ "$mode" = uninstall ]; then
  [ -d "$versions" ] || fail "exo is not installed in $prefix."
  if [ -x "$current/bin/exo" ]; then "$current/bin/exo" service uninstall >/dev/null 2>&1 || true; fi
  for name in bin/exo $shared; do
    if [ -L "$prefix/$name" ]; then rm -f "$prefix/$name"; fi
  done
  rm -rf "$versions"
  echo "exo is removed from $prefix. Models and settings stay in ~/.exo and in the Hugging Face cache."
  exit 0
fi

if [ -z "$archive" ]; then
  for found in "$(dirname "$0")"/exo-*.tar.gz; do archive=$found; done
fi
[ -f "$archive" ] || fail 'name the archive: sh install.sh exo-VERSION-SYSTEM.tar.gz'
folder=$(dirname "$archive")
name=$(basename "$archive")
case $name in
  *-linux-x64.tar.gz) system=Linux machine='x86_64 amd64' ;;
  *-linux-arm64.tar.gz) system=Linux machine='aarch64 arm64' ;;
  *-darwin-arm64.tar.gz) system=Darwin machine='arm64' ;;
  *) fail "$name is not an archive of exo." ;;
esac
[ "$(uname -s)" = "$system" ] || fail "$name is for another system than $(uname -s)."
case " $machine " in *" $(uname -m) "*) ;; *) fail "$name is for another processor than $(uname -m)." ;; esac

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [ -n "$public_key" ]; then
  printf '%s\n' "$public_key" >"$scratch/key.pem"
  printf 'exo namespaces="exo-release" %s\n' "$ssh_public_key" >"$scratch/signers"
  sums=$folder/SHA256SUMS
  if ! command -v openssl >/dev/null 2>&1 && ! command -v ssh-keygen >/dev/null 2>&1; then
    fail 'openssl and ssh-keygen are missing; install one of them, it checks the signature.'
  fi
  # Both check the same key. The openssl of macOS cannot, and small Linux systems have no ssh-keygen.
  openssl pkeyutl -verify -pubin -inkey "$scratch/key.pem" -rawin -in "$sums" -sigfile "$sums.sig" >/dev/null 2>&1 ||
    ssh-keygen -Y verify -f "$scratch/signers" -I exo -n exo-release -s "$sums.sshsig" <"$sums" >/dev/null 2>&1 ||
    fail "the signature of $folder/SHA256SUMS is missing or wrong. Download the files again from where exo is published."
else
  echo 'install.sh: these are files of a development build without a signature; only their checksums are checked.' >&2
fi
grep " [ *]*$name\$" "$folder/SHA256SUMS" >"$scratch/sums" || fail "SHA256SUMS does not name $name."
if command -v sha256sum >/dev/null 2>&1; then sum='sha256sum'; else sum='shasum -a 256'; fi
(cd "$folder" && $sum -c "$scratch/sums" >/dev/null 2>&1) || fail "$name does not match its checksum. Download it again."

mkdir -p "$versions" "$prefix/bin"
tar -xzf "$archive" -C "$versions"
unpacked=$(tar -tzf "$archive" 2>/dev/null | head -n 1 | cut -d / -f 1)
[ -x "$versions/$unpacked/bin/exo" ] || fail "$name has no program."
previous=$(readlink "$current" || true)
ln -sfn "$unpacked" "$current"
ln -sf "$current/bin/exo" "$prefix/bin/exo"
for name in $shared; do
  mkdir -p "$(dirname "$prefix/$name")"
  ln -sf "$current/$name" "$prefix/$name"
done
if [ -n "$previous" ] && [ "$previous" != "$unpacked" ]; then rm -rf "${versions:?}/$previous"; fi

echo "Installed $("$prefix/bin/exo" --version) in $prefix. Start it with: $prefix/bin/exo"
case ":$PATH:" in *":$prefix/bin:"*) ;; *) echo "$prefix/bin is not in your PATH." ;; esac
