/** AppleScript quotes each word itself, so nothing in `argv` is ever interpreted as a command. */
const APPLE_SCRIPT = [
  'on run argv',
  'do shell script "/bin/sh -c " & quoted form of (item 1 of argv) & " exo " & quoted form of (item 2 ' +
    'of argv) & " " & quoted form of (item 3 of argv) with administrator privileges',
  'end run',
]

/**
 * Writes to a new file next to the target and renames it, so that a link put there by another user is replaced and not
 * followed. The content is an argument of the command: root reads no file that the user's programs could change in the
 * meantime.
 */
const SHELL_SCRIPT = [
  'set -eu',
  'umask 022',
  'folder=$(/usr/bin/dirname "$2")',
  '/bin/mkdir -p "$folder"',
  'new=$(/usr/bin/mktemp "$folder/.exo.XXXXXX")',
  'printf %s "$1" > "$new"',
  '/bin/chmod 755 "$new"',
  '/bin/mv -f "$new" "$2"',
].join('\n')

/** The arguments of `osascript` with which macOS asks for the administrator's password and writes a program's file as root. */
export function writeAsRoot(content: string, path: string): string[] {
  return [...APPLE_SCRIPT.flatMap((line) => ['-e', line]), SHELL_SCRIPT, content, path]
}
