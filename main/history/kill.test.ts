import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { openTestHistory } from './__fixtures__/open-test-history.ts'

const KILLS = 20
const LOSS_LIMIT_MS = 1_000

/** Lets a node append for a while and kills it. @returns the rows that must be on disk by then */
async function appendAndKill(dir: string, run: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '__fixtures__', 'append-until-killed.ts'), dir, `run${run}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  await once(child.stdout, 'data')
  await sleep(300 + 75 * run)
  const killedAtMs = Date.now()
  // Every second time, the process with DuckDB dies together with its node.
  process.kill(run % 2 === 0 ? child.pid! : -child.pid!, 'SIGKILL')
  await once(child, 'close')
  return output
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, atMs]) => atMs !== undefined && killedAtMs - Number(atMs) > LOSS_LIMIT_MS)
    .map(([requestId]) => requestId!)
}

it('outlives SIGKILL: the catalog opens, no row is there twice, none older than a second is lost', { timeout: 300_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'exo-history-'))
  const due: string[] = []
  for (let run = 0; run < KILLS; run++) due.push(...(await appendAndKill(dir, run)))
  const history = await openTestHistory(dir, { queryRows: 1_000_000 })
  try {
    const { rows } = await history.sql('SELECT request_id, i.id FROM exo_inferences i JOIN exo_inference_details USING (id)')
    const requestIds = rows.map(([requestId]) => String(requestId))
    const there = new Set(requestIds)
    expect(due.length).toBeGreaterThan(KILLS)
    expect(due.filter((requestId) => !there.has(requestId))).toEqual([])
    expect(requestIds.length).toBe(there.size)
    expect(new Set(rows.map(([, id]) => id)).size).toBe(rows.length)
    expect(history.status()).toMatchObject({ state: 'on', droppedRows: 0 })
    expect(history.warnings.map(({ fields }) => JSON.stringify(fields)).filter((text) => text.includes('set aside'))).toEqual([])
  } finally {
    await history.stop()
    await rm(dir, { recursive: true, force: true })
  }
})
