import { describe, expect, it } from 'vitest'
import { createLastResort, FAULT_STATUS, type LastResortHost, restartOf } from './last-resort.ts'

type Environment = Record<string, string | undefined>

function hostOf(
  environment: Environment,
  nowMs: number,
  canExec = true,
): { host: LastResortHost; execs: Environment[]; exits: number[]; lines: string[] } {
  const [execs, exits, lines]: [Environment[], number[], string[]] = [[], [], []]
  const exec = canExec ? (next: Environment): void => void execs.push(next) : null
  return {
    host: {
      environment,
      now: () => nowMs,
      exec,
      exit: (status) => void exits.push(status),
      log: (message, { delayMs }) => void lines.push(`${message} ${String(delayMs)}`),
    },
    execs,
    exits,
    lines,
  }
}

describe('D4: the last resort', () => {
  it('starts the node again in its process, where it was, and not as by a person', () => {
    const { host, execs, lines } = hostOf({ PATH: '/bin', HF_TOKEN: 'x' }, 5000)
    const resort = createLastResort(host)
    resort.port = 8123
    resort.fault(new Error('boom'), 'uncaughtException')
    expect(execs[0]).toMatchObject({ PATH: '/bin', HF_TOKEN: 'x', EXO_RESTARTED: '1' })
    expect(restartOf(execs[0] ?? {})).toEqual({ delayMs: 500, port: 8123 })
    expect(lines).toHaveLength(1)
  })

  it('waits longer each time, and ends with a known status when a node dies too often', () => {
    let environment: Environment = {}
    const delays: number[] = []
    for (let death = 0; death < 4; death++) {
      const { host, execs } = hostOf(environment, 1000 * death)
      createLastResort(host).fault(new Error('boom'), 'uncaughtException')
      environment = execs[0] ?? {}
      delays.push(restartOf(environment).delayMs)
    }
    expect(delays).toEqual([500, 1000, 2000, 4000])
    const last = hostOf(environment, 5000)
    createLastResort(last.host).fault('boom', 'unhandledRejection')
    expect([last.execs, last.exits]).toEqual([[], [FAULT_STATUS]])
    // Faults that are far apart do not count as a series.
    const later = hostOf(environment, 500_000)
    createLastResort(later.host).fault('boom', 'unhandledRejection')
    expect(restartOf(later.execs[0] ?? {}).delayMs).toBe(500)
  })

  it('ends where the process cannot be started in place, and at a fault within a fault', () => {
    const bare = hostOf({}, 0, false)
    createLastResort(bare.host).fault(new Error('boom'), 'uncaughtException')
    expect(bare.exits).toEqual([FAULT_STATUS])
    const twice = hostOf({}, 0)
    const resort = createLastResort(twice.host)
    resort.fault(new Error('boom'), 'uncaughtException')
    resort.fault(new Error('again'), 'uncaughtException')
    expect([twice.execs.length, twice.exits]).toEqual([1, [FAULT_STATUS, FAULT_STATUS]])
  })

  it('starts no node again that was asked to stop', () => {
    const { host, execs, exits, lines } = hostOf({}, 0)
    const resort = createLastResort(host)
    resort.isStopping = true
    resort.fault(new Error('boom'), 'uncaughtException')
    expect([execs, exits, lines.length]).toEqual([[], [FAULT_STATUS], 1])
  })

  it('takes nothing of an environment that says something else', () => {
    expect(restartOf({ EXO_RESTART_DELAY_MS: '9'.repeat(14), EXO_RESTART_PORT: '-1' })).toEqual({ delayMs: 8000, port: null })
    expect(restartOf({})).toEqual({ delayMs: 0, port: null })
  })
})
