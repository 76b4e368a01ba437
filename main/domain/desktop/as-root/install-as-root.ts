/** The largest package that is copied, in MiB. */
const MOST_MIB = 4096

/**
 * The package is in the user's folder, where any program of the user can exchange it after it was verified. So root copies it to a
 * folder of its own, compares the copy with the signed checksums and installs the copy. `dd` follows no link and waits for no pipe.
 */
const SHELL_SCRIPT = [
  'set -eu',
  'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
  'export PATH',
  'umask 077',
  'package=$1 sums=$2',
  'shift 2',
  'folder=$(mktemp -d /var/tmp/exo-update.XXXXXX)',
  `trap 'rm -rf "$folder"' EXIT`,
  'copy=$folder/update.deb',
  `dd if="$package" of="$copy" iflag=nofollow,nonblock,fullblock bs=1M count=${MOST_MIB} status=none`,
  'sum=$(sha512sum < "$copy")',
  'sum=${sum%% *}',
  'case " $sums " in',
  '  *" $sum "*) ;;',
  '  *) echo "The package was changed after it was verified." >&2; exit 3 ;;',
  'esac',
  '"$@" "$copy"',
].join('\n')

/** Installs a Debian package, with the packages that it needs and that are not there yet. */
const DPKG: readonly string[] = ['/bin/sh', '-c', 'dpkg -i "$1" || apt-get install -f -y', 'exo']

/**
 * The words of a command that installs a package if it is one of those that are signed. To be run as root.
 *
 * @param sha512s - the signed checksums of packages, in hexadecimal digits
 * @param installer - the command that gets the path of the verified copy
 */
export function installAsRoot(packagePath: string, sha512s: readonly string[], installer: readonly string[] = DPKG): string[] {
  return ['/bin/sh', '-c', SHELL_SCRIPT, 'exo', packagePath, sha512s.join(' '), ...installer]
}
