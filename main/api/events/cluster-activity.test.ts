import { afterEach, describe, expect, it } from 'vitest'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi, TEST_STATE } from '../__fixtures__/start-test-api.ts'
import { ClusterActivity } from './cluster-activity.ts'

let api: TestApi
afterEach(() => api?.close())

it('GET /activity tells what came and went, newest first, and forgets the oldest', async () => {
  let state = TEST_STATE
  let tell = (): void => undefined
  api = await startTestApi(sayWords([]), {}, { state: () => state, onState: (listener: () => void) => (tell = listener) })
  const activity = async () => (await api.get('/activity')).body.activity
  expect(await activity()).toEqual([])
  const node = { name: 'studio', version: '1' }
  state = { ...TEST_STATE, nodes: { b: node } } as never
  tell()
  state = TEST_STATE
  expect(await activity()).toMatchObject([
    { id: 2, kind: 'machine-left', subject: 'studio', nodeId: 'b', atMs: expect.any(Number) },
    { id: 1, kind: 'machine-joined', subject: 'studio', nodeId: 'b' },
  ])
  for (let round = 0; round < 300; round += 1) for (state of [{ ...TEST_STATE, nodes: { b: node } } as never, TEST_STATE]) tell()
  const all = await activity()
  expect([all.length, all[0].id]).toEqual([500, 602])
})

describe('the activity log of a node that starts again', () => {
  const entry = (id: number) => ({ id, kind: 'machine-left', subject: `m${id}`, machine: null, nodeId: null, message: null, atMs: id })
  function start(lines: readonly string[], isBehind = false) {
    let state = TEST_STATE
    let tell = (): void => undefined
    let kept = [...lines]
    const journal = {
      isBehind,
      takeLines: () => lines,
      append: (more: readonly string[]) => void kept.push(...more),
      rewrite: (all: readonly string[]) => void (kept = [...all]),
    }
    const cluster = { state: () => state, onState: (listener: () => void) => void (tell = listener) }
    const log = new ClusterActivity({ cluster, journal, timers: { every: () => undefined }, now: () => 9 })
    const rename = (clusterName: string): void => {
      state = { ...TEST_STATE, clusterName }
      tell()
    }
    return { log, rename, kept: () => kept }
  }

  it('has what happened before, without the lines that are damaged, and goes on with its numbers', () => {
    const { log, rename, kept } = start([JSON.stringify(entry(1)), '{"id":2,"kind":"no', '{"id":3}', JSON.stringify(entry(4))])
    rename('desk')
    expect(log.list().map(({ id, subject }) => [id, subject])).toEqual([
      [5, 'desk'],
      [4, 'm4'],
      [1, 'm1'],
    ])
    expect(JSON.parse(kept().at(-1) ?? '')).toMatchObject({ id: 5, kind: 'cluster-changed', atMs: 9 })
  })

  it('keeps its file bounded, and writes all of it where lines were lost', () => {
    const { log, rename, kept } = start([])
    for (let round = 0; round < 2_345; round += 1) rename(`c${round}`)
    expect(log.list()).toHaveLength(500)
    expect(kept().length).toBeLessThanOrEqual(1_000)
    expect(kept().slice(-500)).toEqual(
      log
        .list()
        .toReversed()
        .map((kept) => JSON.stringify(kept)),
    )
    const behind = start([JSON.stringify(entry(7))], true)
    behind.rename('desk')
    expect(behind.kept().map((line) => JSON.parse(line).id)).toEqual([7, 8])
  })
})
