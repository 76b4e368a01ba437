// Stands in for the default app of Electron's own download: `electron [-r module] [-v] <folder or file> [arguments]`.
// Packed unchanged into `default_app.asar`; runs only in Electron.
import { app } from 'electron'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join, resolve } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'

/** @param {string} reason */
function giveUp(reason) {
  console.error(`electron: ${reason}`)
  app.exit(1)
}

const requireHere = createRequire(join(process.cwd(), 'none.js'))
/** @type {string | undefined} */
let target
const programArguments = process.argv.slice(1)
while (target === undefined && programArguments.length > 0) {
  const argument = programArguments.shift() ?? ''
  if (argument === '-v' || argument === '--version') {
    console.log(`v${process.versions.electron}`)
    process.exit(0)
  }
  // Playwright's loader is passed this way and removes its own arguments from `process.argv`.
  if (argument === '-r' || argument === '--require') requireHere(programArguments.shift() ?? '')
  else if (!argument.startsWith('-')) target = argument
}

/** @param {string} path - of the app's folder or entry */
async function run(path) {
  Object.defineProperty(process, 'defaultApp', { configurable: false, enumerable: true, value: true })
  const isFolder = statSync(path).isDirectory()
  const root = isFolder ? path : dirname(path)
  const packageFile = join(root, 'package.json')
  const description = existsSync(packageFile) ? JSON.parse(readFileSync(packageFile, 'utf8')) : {}
  // @ts-expect-error Electron's own default app calls these two methods as well, but they are not in the public types.
  if (description.version) app.setVersion(description.version)
  const name = description.productName ?? description.name
  if (name) app.name = name
  app.setPath('userData', join(app.getPath('appData'), app.name))
  // @ts-expect-error
  app.setAppPath(root)
  const entry = isFolder ? join(root, description.main ?? 'index.js') : path
  const isModule = extname(entry) === '.mjs' || (description.type === 'module' && extname(entry) !== '.cjs')
  if (isModule) await import(pathToFileURL(entry).href)
  else requireHere(entry)
}

if (target === undefined) giveUp('name an app: electron <folder or file> [arguments]')
else if (!existsSync(resolve(target))) giveUp(`there is no app ${resolve(target)}`)
else await run(resolve(target)).catch((/** @type {Error} */ error) => giveUp(`the app cannot be loaded: ${error.stack}`))
