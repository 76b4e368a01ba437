import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const lockModule = new URL('setup-lock.mjs', import.meta.url).href

describe('withSetupLock', () => {
  /** @type {string} */
  let folder
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'exo-lock-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  /**
   * Starts a process that takes the lock of `folder` and runs `body` in it.
   *
   * @param {string} body
   */
  const contender = (body) => {
    const code = `
      import { appendFileSync } from 'node:fs'
      import { setTimeout as sleep } from 'node:timers/promises'
      import { withSetupLock } from ${JSON.stringify(lockModule)}
      const say = (text) => appendFileSync(${JSON.stringify(join(folder, 'said'))}, text + '\\n')
      await withSetupLock(async () => { ${body} }, () => say('waits'), ${JSON.stringify(folder)})
    `
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' })
    return { child, ended: new Promise((resolve) => child.once('close', resolve)) }
  }
  const said = () => readFileSync(join(folder, 'said'), 'utf8').trim().split('\n')

  it('lets one process in at a time', async () => {
    const crowd = [1, 2, 3, 4, 5].map(() => contender("say('in'); await sleep(60); say('out')"))
    expect(await Promise.all(crowd.map(({ ended }) => ended))).toEqual([0, 0, 0, 0, 0])
    expect(said().filter((word) => word !== 'waits')).toEqual(Array.from({ length: 5 }, () => ['in', 'out']).flat())
  })

  it('takes over from a holder that was killed', async () => {
    const victim = contender("say('in'); await sleep(60_000)")
    await expect.poll(() => said(), { timeout: 10_000 }).toEqual(['in'])
    victim.child.kill('SIGKILL')
    await victim.ended
    const heirs = [contender("say('heir in'); say('heir out')"), contender("say('heir in'); say('heir out')")]
    expect(await Promise.all(heirs.map(({ ended }) => ended))).toEqual([0, 0])
    expect(said().filter((word) => word !== 'waits')).toEqual(['in', 'heir in', 'heir out', 'heir in', 'heir out'])
  })

  it('is free again after work that failed', async () => {
    const failing = contender("throw new Error('as planned')")
    expect(await failing.ended).not.toBe(0)
    expect(await contender("say('in')").ended).toBe(0)
  })
})
