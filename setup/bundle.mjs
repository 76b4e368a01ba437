import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { packageFolders } from './package/package-folders.mjs'
import { projectDir } from './project-paths.mjs'
import { SetupError } from './setup-error.mjs'

/** The programs and threads: name in `dist/` and source file. */
export const bundleEntries = {
  exo: 'main/cli/main.ts',
  worker: 'main/worker/child/main.ts',
  'tokenizer-thread': 'main/models/tokenizer/tokenizer-thread.ts',
  'datagram-thread': 'main/cluster/link/datagrams/datagram-thread.ts',
  'body-thread': 'main/api/bodies/body-thread.ts',
  history: 'main/history/child/main.ts',
  app: 'main/electron/main.ts',
  'app-node': 'main/electron/node/main.ts',
}

/** A sandboxed preload script must be a single CommonJS file. */
const preload = { 'app-preload': 'main/electron/preload/main.ts' }

export const bundleOutputs = [
  ...Object.keys(bundleEntries).map((name) => `dist/${name}.mjs`),
  ...Object.keys(preload).map((name) => `dist/${name}.cjs`),
  'dist/bundled-packages.json',
]

/** CommonJS packages call `require`, which ES modules do not have. */
const banner =
  "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);"

/** Bundles every program with its packages, for Node 20.18 and newer. */
export async function bundle() {
  const { build } = await import('esbuild')
  /** @type {import('esbuild').BuildOptions & { write: false, metafile: true }} */
  const common = {
    absWorkingDir: projectDir,
    outdir: 'dist',
    bundle: true,
    // DuckDB looks for its library next to itself, and Electron provides its own module.
    external: ['@duckdb/node-api', 'electron'],
    platform: 'node',
    target: 'node20.18',
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'silent',
    write: false,
    metafile: true,
  }
  const results = await Promise.all([
    build({ ...common, entryPoints: bundleEntries, outExtension: { '.js': '.mjs' }, format: 'esm', banner: { js: banner } }),
    build({ ...common, entryPoints: preload, outExtension: { '.js': '.cjs' }, format: 'cjs' }),
  ]).catch((/** @type {Error} */ error) => {
    throw new SetupError(error.message)
  })
  // Written by rename, so that a running node never reads half a file.
  const packages = packageFolders(results.flatMap(({ metafile }) => Object.keys(metafile.inputs)))
  const files = [
    ...results.flatMap(({ outputFiles }) => outputFiles),
    { path: join(projectDir, 'dist', 'bundled-packages.json'), contents: JSON.stringify(packages) },
  ]
  for (const { path, contents } of files) {
    mkdirSync(dirname(path), { recursive: true })
    const temporary = join(dirname(path), `.${basename(path)}.${process.pid}`)
    writeFileSync(temporary, contents)
    renameSync(temporary, path)
  }
}
