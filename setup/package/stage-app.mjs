import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { defaultModelPath, fetchDefaultModel } from '../fetch/fetch-default-model.mjs'
import { fetchDucklake } from '../fetch/fetch-ducklake.mjs'
import { projectDir } from '../project-paths.mjs'
import { copyNpmPackage } from '../fetch/fetch-npm-package.mjs'
import { stageEngine } from './stage-engine.mjs'
import { NOTICES_FILE, thirdPartyNotices } from './third-party-notices.mjs'
import { packageTargets } from './targets.mjs'

/**
 * The contents of a package, laid out for the packager.
 *
 * @typedef {object} StagedApp
 * @property {string} app - code, for the archive
 * @property {string} modules - npm packages that are not bundled; those with libraries are placed next to the archive
 * @property {string} resources - files outside the archive: the engine with MLX, the default model, DuckLake
 */

/** Folders that keep their path from the checkout. */
const appFolders = ['dist/renderer', 'dist/popover', 'assets/model-cards', 'assets/tray', 'assets/icons']

/**
 * @param {import('./targets.mjs').PackageTargetName} target
 * @returns {StagedApp}
 */
export function stagedFolders(target) {
  const folder = join(projectDir, 'build', 'package', target)
  return { app: join(folder, 'app'), modules: join(folder, 'modules'), resources: join(folder, 'resources') }
}

/**
 * @param {import('./targets.mjs').PackageTargetName} target
 * @returns {Promise<StagedApp>}
 */
export async function stageApp(target) {
  const { mlxBuilds, duckdb } = packageTargets[target]
  const staged = stagedFolders(target)
  for (const part of Object.values(staged)) rmSync(part, { recursive: true, force: true })

  for (const path of appFolders) cpSync(join(projectDir, path), join(staged.app, path), { recursive: true })
  for (const name of readdirSync(join(projectDir, 'dist')).filter((entry) => /\.[cm]js$/.test(entry)))
    cpSync(join(projectDir, 'dist', name), join(staged.app, 'dist', name))
  const { name, productName, version, description, license } = JSON.parse(readFileSync(join(projectDir, 'package.json'), 'utf8'))
  // A .deb must name a homepage, and only a release has one.
  const homepage = process.env.GITHUB_REPOSITORY ? `https://github.com/${process.env.GITHUB_REPOSITORY}` : 'https://exo-distributed.invalid'
  const author = { name: 'exo-distributed', email: 'maintainers@exo-distributed.invalid' }
  writeFileSync(
    join(staged.app, 'package.json'),
    JSON.stringify({
      name,
      productName,
      version,
      description,
      license,
      homepage,
      author,
      type: 'module',
      main: 'dist/app.mjs',
      desktopName: 'exo-app.desktop',
    }),
  )

  for (const packageName of ['@duckdb/node-api', '@duckdb/node-bindings', duckdb])
    await copyNpmPackage(packageName, join(staged.modules, packageName))

  for (const mlxBuild of mlxBuilds) await stageEngine(mlxBuild, join(staged.resources, 'native', mlxBuild))
  await fetchDefaultModel()
  cpSync(defaultModelPath, join(staged.resources, 'models', basename(defaultModelPath)))
  const ducklake = await fetchDucklake(target)
  mkdirSync(join(staged.resources, 'ducklake'), { recursive: true })
  cpSync(ducklake, join(staged.resources, 'ducklake', basename(ducklake)))
  writeFileSync(join(staged.resources, NOTICES_FILE), await thirdPartyNotices(target))
  return staged
}
