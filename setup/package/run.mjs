// `npm run package:mac`, `package:linux` and `package:headless`: updates the checkout and packages it.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { bringUp } from '../bring-up.mjs'
import { node24 } from '../tools/node-24.mjs'
import { projectDir } from '../project-paths.mjs'

await bringUp({ isQuick: false })
const [first, ...rest] = process.argv.slice(2)
const words = first === 'headless' ? ['headless/package-headless.mjs', ...rest] : ['package-app.mjs', ...process.argv.slice(2)]
const [script = '', ...scriptArguments] = words
const child = spawn(node24() ?? process.execPath, [join(projectDir, 'setup', 'package', script), ...scriptArguments], { stdio: 'inherit' })
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal))
child.once('exit', (status) => {
  process.exitCode = status ?? 1
})
