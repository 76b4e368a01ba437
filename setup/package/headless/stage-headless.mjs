import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { defaultModelPath, fetchDefaultModel } from '../../fetch/fetch-default-model.mjs'
import { fetchDucklake } from '../../fetch/fetch-ducklake.mjs'
import { MLX_VERSION } from '../../fetch/fetch-mlx.mjs'
import { projectDir } from '../../project-paths.mjs'
import { SetupError } from '../../setup-error.mjs'
import { node24 } from '../../tools/node-24.mjs'
import { copyNpmPackage } from '../../fetch/fetch-npm-package.mjs'
import { givenUpdateKey, publicPem } from '../signing/sign-update-feed.mjs'
import { stageEngine } from '../stage-engine.mjs'
import { packageTargets } from '../targets.mjs'
import { NOTICES_FILE, thirdPartyNotices } from '../third-party-notices.mjs'
import { sbomOf } from './sbom.mjs'
import { slimStaged } from './slim-staged.mjs'

/** The program without the app. */
const BUNDLES = ['exo', 'worker', 'tokenizer-thread', 'datagram-thread', 'body-thread', 'history']

const LAUNCHER = `#!/bin/sh
# Finds its own folder, also through links, and runs the program on the Node beside it.
set -eu
self=$0
while [ -L "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=$(dirname "$self")/$target ;;
  esac
done
root=$(CDPATH='' cd "$(dirname "$self")/.." && pwd -P)
exec "$root/node" "$root/dist/exo.mjs" "$@"
`

/** @typedef {{ commit: string | null, epochSeconds: number }} Source */

/** The commit of the checkout and its time, which stands for the time of the build. @returns {Source} */
function sourceOf() {
  try {
    const [commit = '', seconds = ''] = execFileSync('git', ['log', '-1', '--format=%H %ct'], { cwd: projectDir, encoding: 'utf8' })
      .trim()
      .split(' ')
    return { commit, epochSeconds: Number(process.env.SOURCE_DATE_EPOCH ?? seconds) }
  } catch {
    // An unpacked archive of the source has no history.
    return { commit: null, epochSeconds: Number(process.env.SOURCE_DATE_EPOCH ?? 0) }
  }
}

/**
 * A folder with everything that a node needs, which runs from any place: Node, the program, the engine with MLX, the default model.
 *
 * @param {import('../targets.mjs').PackageTargetName} target - this machine's
 * @param {string} folder - is replaced
 * @param {{ hasModel?: boolean }} options
 */
export async function stageHeadless(target, folder, { hasModel = true } = {}) {
  const { mlxBuilds, duckdb } = packageTargets[target]
  const host = `${process.platform}-${process.arch}`
  if (target !== host)
    throw new SetupError(`A package for ${target} is built on such a machine, because it contains its Node; this one is ${host}.`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'bin'), { recursive: true })
  mkdirSync(join(folder, 'dist'))
  const node = node24() ?? process.execPath
  copyFileSync(realpathSync(node), join(folder, 'node'))
  chmodSync(join(folder, 'node'), 0o755)
  // A release of Node contains the names of its functions, a sixth of its size.
  if (process.platform === 'linux') execFileSync('strip', [join(folder, 'node')], { stdio: 'ignore' })
  for (const name of BUNDLES) copyFileSync(join(projectDir, 'dist', `${name}.mjs`), join(folder, 'dist', `${name}.mjs`))
  cpSync(join(projectDir, 'dist', 'renderer'), join(folder, 'dist', 'renderer'), { recursive: true })
  cpSync(join(projectDir, 'assets', 'model-cards'), join(folder, 'assets', 'model-cards'), { recursive: true })
  for (const name of ['@duckdb/node-api', '@duckdb/node-bindings', duckdb]) await copyNpmPackage(name, join(folder, 'node_modules', name))
  const [mlxBuild = ''] = mlxBuilds
  await stageEngine(mlxBuild, join(folder, 'build', 'native'))
  mkdirSync(join(folder, 'ducklake'))
  const ducklake = await fetchDucklake(target)
  copyFileSync(ducklake, join(folder, 'ducklake', basename(ducklake)))
  if (hasModel) {
    await fetchDefaultModel()
    mkdirSync(join(folder, 'models'))
    copyFileSync(defaultModelPath, join(folder, 'models', basename(defaultModelPath)))
  }
  writeFileSync(join(folder, 'bin', 'exo'), LAUNCHER, { mode: 0o755 })
  const { name, version, description, license } = JSON.parse(readFileSync(join(projectDir, 'package.json'), 'utf8'))
  const { commit, epochSeconds } = sourceOf()
  const nodeVersion = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim().replace(/^v/, '')
  const key = givenUpdateKey(process.env)
  if (key) writeFileSync(join(folder, 'update-key.pem'), publicPem(key))
  const build = { commit, mlx: MLX_VERSION, target, ...(key ? feedOf(process.env) : {}) }
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify({ name, version, description, license, type: 'module', exoBuild: build }, null, 2)}\n`,
  )
  writeFileSync(join(folder, 'sbom.cdx.json'), `${JSON.stringify(sbomOf({ version, epochSeconds, nodeVersion }), null, 2)}\n`)
  writeFileSync(join(folder, NOTICES_FILE), await thirdPartyNotices(target))
  copyFileSync(join(projectDir, 'LICENSE'), join(folder, 'LICENSE'))
  await slimStaged(folder)
  writeShellFiles(folder)
  return { version, epochSeconds }
}

/** Where `exo update` looks. @param {Readonly<Record<string, string | undefined>>} environment - EXO_UPDATE_FEED */
function feedOf({ EXO_UPDATE_FEED: updateFeed }) {
  return updateFeed?.startsWith('https://') ? { updateFeed } : {}
}

/** Manual pages and completions, printed by the staged program itself. @param {string} folder */
function writeShellFiles(folder) {
  const exo = join(folder, 'bin', 'exo')
  const man = join(folder, 'share', 'man', 'man1')
  execFileSync(exo, ['man-pages', man], { stdio: 'ignore' })
  if (readdirSync(man).length === 0) throw new SetupError('The staged program wrote no manual pages.')
  const scripts = /** @type {const} */ ([
    ['bash', 'share/bash-completion/completions', 'exo'],
    ['zsh', 'share/zsh/site-functions', '_exo'],
    ['fish', 'share/fish/vendor_completions.d', 'exo.fish'],
  ])
  for (const [shell, place, name] of scripts) {
    mkdirSync(join(folder, place), { recursive: true })
    writeFileSync(join(folder, place, name), execFileSync(exo, ['completion', shell]))
  }
}
