import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { projectDir } from './project-paths.mjs'
import { SetupError } from './setup-error.mjs'

/** One program or thread each: name in `dist/` and source. */
export const bundleEntries = {
  exo: 'main/cli/main.ts',
  worker: 'main/worker/child/main.ts',
  'tokenizer-thread': 'main/models/tokenizer/tokenizer-thread.ts',
  history: 'main/history/child/main.ts',
}

export const bundleOutputs = Object.keys(bundleEntries).map((name) => `dist/${name}.mjs`)

/** CommonJS packages ask for `require`, which a module has not. */
const banner = "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);"

/** Bundles every program with the packages it uses, for Node 20.18 and newer. */
export async function bundle() {
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    absWorkingDir: projectDir,
    entryPoints: bundleEntries,
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // It finds its library beside itself.
    external: ['@duckdb/node-api'],
    format: 'esm',
    platform: 'node',
    target: 'node20.18',
    sourcemap: true,
    sourcesContent: false,
    banner: { js: banner },
    legalComments: 'none',
    logLevel: 'silent',
    write: false,
  }).catch((/** @type {Error} */ error) => {
    throw new SetupError(error.message)
  })
  // Renaming keeps a node that runs meanwhile from reading half a file.
  for (const { path, contents } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true })
    const temporary = join(dirname(path), `.${basename(path)}.${process.pid}`)
    writeFileSync(temporary, contents)
    renameSync(temporary, path)
  }
}
