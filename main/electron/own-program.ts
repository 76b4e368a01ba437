import { app } from 'electron'

/** What starts this app again, as words of a command line. */
export function ownProgram(): readonly [string, ...string[]] {
  // An AppImage runs from a folder that is gone after it; it says itself where it is.
  const program = process.env['APPIMAGE'] ?? app.getPath('exe')
  return app.isPackaged ? [program] : [program, app.getAppPath()]
}
