// Loaded into every process of a node: a shard worker that belongs to a group records its environment when it starts.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const { EXO_RECORD_WORKERS: folder, MLX_RANK: rank } = process.env
if (folder && rank) {
  const variables = Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(MLX|JACCL)_/.test(name)))
  const paths = [variables['MLX_IBV_DEVICES'], variables['MLX_HOSTFILE']].filter((path) => path !== undefined)
  const files = Object.fromEntries(paths.map((path) => [path, readFileSync(path, 'utf8')]))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify({ startedAtMs: Date.now(), variables, files }))
}
