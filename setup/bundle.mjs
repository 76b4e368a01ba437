import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { projectDir } from './project-paths.mjs'
import { SetupError } from './setup-error.mjs'

/** One program or thread each: name in `dist/` and source. */
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

/** A sandboxed preload script is one file of CommonJS. */
const preload = { 'app-preload': 'main/electron/preload/main.ts' }

export const bundleOutputs = [
  ...Object.keys(bundleEntries).map((name) => `dist/${name}.mjs`),
  ...Object.keys(preload).map((name) => `dist/${name}.cjs`),
]

/** CommonJS packages ask for `require`, which a module has not. */
const banner =
  "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);"

/** Bundles every program with the packages it uses, for Node 20.18 and newer. */
export async function bundle() {
  const { build } = await import('esbuild')
  /** @type {import('esbuild').BuildOptions & { write: false }} */
  const common = {
    absWorkingDir: projectDir,
    outdir: 'dist',
    bundle: true,
    // DuckDB finds its library beside itself; Electron is there where it is asked for.
    external: ['@duckdb/node-api', 'electron'],
    platform: 'node',
    target: 'node20.18',
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'silent',
    write: false,
  }
  const results = await Promise.all([
    build({ ...common, entryPoints: bundleEntries, outExtension: { '.js': '.mjs' }, format: 'esm', banner: { js: banner } }),
    build({ ...common, entryPoints: preload, outExtension: { '.js': '.cjs' }, format: 'cjs' }),
  ]).catch((/** @type {Error} */ error) => {
    throw new SetupError(error.message)
  })
  // Renaming keeps a node that runs meanwhile from reading half a file.
  for (const { path, contents } of results.flatMap(({ outputFiles }) => outputFiles)) {
    mkdirSync(dirname(path), { recursive: true })
    const temporary = join(dirname(path), `.${basename(path)}.${process.pid}`)
    writeFileSync(temporary, contents)
    renameSync(temporary, path)
  }
}
