import { app } from 'electron'

/** The command line that starts this app. */
export function ownProgram(): readonly [string, ...string[]] {
  // An AppImage runs from a temporary folder and gives its own location in a variable.
  const program = process.env['APPIMAGE'] ?? app.getPath('exe')
  return app.isPackaged ? [program] : [program, app.getAppPath()]
}
