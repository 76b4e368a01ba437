import { app } from 'electron'

/** The command line that starts this app. */
export function ownProgram(): readonly [string, ...string[]] {
  // An AppImage runs from a folder that is gone after it; it says itself where it is.
  const program = process.env['APPIMAGE'] ?? app.getPath('exe')
  return app.isPackaged ? [program] : [program, app.getAppPath()]
}
