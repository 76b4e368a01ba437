import { globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** The only readers of the time of day. Everything else gets a `Clock`. */
const READERS = ['main/platform/clock.ts', 'main/platform/log/log.ts', 'main/cli/commands/history.ts']

/** Calculations with the time of day, each of which survives that it is set. */
const CALCULATIONS: Readonly<Record<string, string>> = {
  'main/cluster/routed-links.ts': 'a version that only grows, and follows a clock that was set back',
  'main/cluster/state/node-samples.ts': 'the difference between the clocks of two nodes',
  'main/worker/child/shard-worker.ts': 'the zero of the times of a trace',
  'main/api/ollama/register-ollama-models.ts': 'a date that a client displays',
}

const sources = globSync(['main/**/*.ts', 'native/**/*.ts'], { cwd: root, exclude: ['**/__fixtures__/**', '**/*.test.ts'] }).map(
  (path) => ({
    path: relative('.', path),
    text: readFileSync(join(root, path), 'utf8'),
  }),
)

it('the time of day is read in one place, so that no wait, lease or expiry depends on it', () => {
  expect(sources.length).toBeGreaterThan(500)
  const readers = sources.filter(({ text }) => /Date\.now\(|new Date\(\)/.test(text)).map(({ path }) => path)
  expect(readers.filter((path) => !READERS.includes(path))).toEqual([])
})

it('nothing is calculated with the time of day but what survives that it is set', () => {
  const calculation = /epochMs\(\)\s*[-+<>]|[-+<>]=?\s*(?:[\w#]+\.)*epochMs\(\)|Math\.(?:max|min)\([^)]*epochMs\(\)/
  const found = sources.filter(({ text }) => calculation.test(text.replaceAll('=>', ''))).map(({ path }) => path)
  expect(found.toSorted()).toEqual(Object.keys(CALCULATIONS).toSorted())
})
