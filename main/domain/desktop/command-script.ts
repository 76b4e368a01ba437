/** By this line the app knows a script as its own. */
const MARK = '# Made by the exo app.'

/** Of Chromium, which starts with the app: no screen is asked for, and stderr is the command's own. */
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
