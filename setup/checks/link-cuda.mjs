// Links the addon with MLX's library for NVIDIA's GPUs, and checks what a machine without one can tell: that both wheels have the
// same headers, and that the library has every symbol that the addon needs. The last line is `N passed, N failed`.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildNative } from '../build-native.mjs'
import { fetchMlx, otherLibrary } from '../fetch/fetch-mlx.mjs'
import { runLogged } from '../run-logged.mjs'

const OF_MLX = 'N3mlx'

/** @param {readonly string[]} options */
async function symbols(options, /** @type {string} */ file) {
  const output = await runLogged('link-cuda-symbols', 'nm', ['--dynamic', '--format=posix', ...options, file])
  return new Set(output.split('\n').flatMap((line) => line.split(' ', 1)))
}

let [passed, failed] = [0, 0]
/** @param {readonly string[]} faults */
function tell(/** @type {string} */ what, faults) {
  if (faults.length === 0) passed += 1
  else failed += 1
  process.stdout.write(
    `${faults.length === 0 ? 'ok    ' : 'FAILED'} ${what}${faults.length === 0 ? '' : `: ${faults.slice(0, 5).join(', ')}`}\n`,
  )
}

const target = otherLibrary('cuda') ?? ''
const [own, cuda] = [await fetchMlx(), await fetchMlx(target)]
const include = join('mlx', 'include', 'mlx')
const headers = globSync('**/*.h', { cwd: join(own, include) })
const differs = headers.filter((file) => {
  const other = join(cuda, include, file)
  return !existsSync(other) || !readFileSync(other).equals(readFileSync(join(own, include, file)))
})
tell(`both wheels have the same ${headers.length} headers`, headers.length === 0 ? ['there are none'] : differs)
const addon = await buildNative(target, 'native-cuda')
const needed = [...(await symbols(['--undefined-only'], addon))].filter((symbol) => symbol.includes(OF_MLX))
const exported = await symbols(['--defined-only'], join(cuda, 'mlx', 'lib', 'libmlx.so'))
const missing = needed.filter((symbol) => !exported.has(symbol))
tell(`the library has all ${needed.length} symbols of MLX that the addon needs`, needed.length === 0 ? ['it needs none'] : missing)
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
