/** The line that marks a script as created by the app. */
const MARK = '# Made by the exo app.'

/** Chromium switches: no screen is needed, and stderr belongs to the command. */
const SWITCHES = '--ozone-platform=headless --disable-gpu --log-level=3'

/**
 * The script that people call as `exo`: the app's own command line.
 *
 * @param program - words that start the app
 */
export function commandScript(program: readonly string[]): string {
  return `#!/bin/sh\n${MARK}\nexec ${program.map(quoteForShell).join(' ')} ${SWITCHES} --cli -- "$@"\n`
}

export const isCommandScript = (text: string): boolean => text.includes(MARK)

function quoteForShell(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
