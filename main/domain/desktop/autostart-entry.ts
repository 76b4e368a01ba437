/**
 * The file that starts an app when its user logs in, on Linux.
 *
 * @param program - words that start it
 *
 * Source: Desktop Entry Specification, "The Exec key".
 */
export function autostartEntry(name: string, program: readonly string[]): string {
  return `[Desktop Entry]\nType=Application\nName=${name}\nExec=${program.map(quoteForExec).join(' ')}\nX-GNOME-Autostart-enabled=true\n`
}

/** Quoted as an argument, then escaped as any text of such a file; `%` would begin a field code. */
function quoteForExec(word: string): string {
  return `"${word
    .replace(/["`$\\]/g, '\\$&')
    .replaceAll('\\', '\\\\')
    .replaceAll('%', '%%')}"`
}
