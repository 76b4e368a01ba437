/**
 * The file that starts an app when its user logs in on Linux.
 *
 * @param program - the words of the command that starts the app
 *
 * Source: Desktop Entry Specification, "The Exec key".
 */
export function autostartEntry(name: string, program: readonly string[]): string {
  return `[Desktop Entry]\nType=Application\nName=${name}\nExec=${program.map(quoteForExec).join(' ')}\nX-GNOME-Autostart-enabled=true\n`
}

/** Quoted as an argument and then escaped like any text in such a file; `%` would start a field code. */
function quoteForExec(word: string): string {
  return `"${word
    .replace(/["`$\\]/g, '\\$&')
    .replaceAll('\\', '\\\\')
    .replaceAll('%', '%%')}"`
}
