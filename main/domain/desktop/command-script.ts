/** The line that marks a script as created by the app. */
const MARK = '# Made by the exo app.'

/** Chromium switches: the command needs no screen, and stderr belongs to it. */
const SWITCHES = '--ozone-platform=headless --disable-gpu --log-level=3'

/**
 * The script installed as `exo`: the app's own command line.
 *
 * @param program - the words of the command that starts the app
 */
export function commandScript(program: readonly string[]): string {
  return `#!/bin/sh\n${MARK}\nexec ${program.map(quoteForShell).join(' ')} ${SWITCHES} --cli -- "$@"\n`
}

export const isCommandScript = (text: string): boolean => text.includes(MARK)

function quoteForShell(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
