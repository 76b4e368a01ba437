// `npm run package:mac` and `package:linux`: updates the checkout and packages it.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { bringUp } from '../bring-up.mjs'
import { node24 } from '../tools/node-24.mjs'
import { projectDir } from '../project-paths.mjs'

await bringUp({ isQuick: false })
const child = spawn(node24() ?? process.execPath, [join(projectDir, 'setup', 'package', 'package-app.mjs'), ...process.argv.slice(2)], {
  stdio: 'inherit',
})
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal))
child.once('exit', (status) => {
  process.exitCode = status ?? 1
})
