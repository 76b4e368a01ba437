import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorMessage } from '../../../main/shared/app-error.ts'
import { reportFigure } from '../../node/report-figure.ts'
import { type ChaosCase, CHAOS_CASES } from './chaos-cases.ts'
import { ChaosLab } from './chaos-lab.ts'
import { ChaosDraw } from './chaos-draw.ts'
import { type ChaosResult, failureOf, formatChaosTable } from './chaos-table.ts'

/** Set by `npm run chaos`. Without it, the telling cases run once. */
const MINUTES = Number(process.env['EXO_CHAOS_MINUTES'] ?? 0)
/** A timed run draws a new seed and prints it. A single pass always makes the same choices. */
const SEED = process.env['EXO_CHAOS_SEED'] ?? (MINUTES > 0 ? String(Date.now() % 1_000_000) : '1')
const NAMES = process.env['EXO_CHAOS_CASES']?.split(';') ?? []

/** A seeded answer that a fault interrupts must have the same text, no error and no long pause. */
describe('chaos', () => {
  let lab: ChaosLab
  const results: ChaosResult[] = []

  const chosen = CHAOS_CASES.filter(({ name, isTelling }) => (NAMES.length > 0 ? NAMES.includes(name) : MINUTES > 0 || isTelling))

  beforeAll(async () => {
    lab = await ChaosLab.create(chosen.some(({ asksLong }) => asksLong))
  })
  afterAll(async () => {
    if (process.env['EXO_LOGS']) console.log(lab?.cluster.output())
    await lab?.close()
    console.log(formatChaosTable(results, SEED))
  })

  /** @param turn - counts the runs: each has choices of its own */
  async function run({ name, limitMs, run: breakInto }: ChaosCase, turn: number): Promise<ChaosResult> {
    let result: ChaosResult
    try {
      await lab.restore(new ChaosDraw(`${SEED} ${turn}`))
      const answer = await breakInto(lab)
      result = { name, isSame: lab.isSame(answer), error: null, gapMs: answer.longestGapMs, limitMs }
    } catch (error) {
      result = { name, isSame: false, error: errorMessage(error), gapMs: null, limitMs }
    }
    results.push(result)
    return result
  }

  if (MINUTES === 0) {
    for (const [turn, chaosCase] of chosen.entries()) {
      it(chaosCase.name, async ({ onTestFailed }) => {
        onTestFailed(() => console.log(lab.cluster.output()))
        const { isSame, error, gapMs } = await run(chaosCase, turn)
        reportFigure(`longest gap, chaos: ${chaosCase.name}`, (gapMs ?? Number.NaN) / 1000, 's')
        expect([error, isSame]).toEqual([null, true])
        expect(gapMs).toBeLessThan(chaosCase.limitMs)
      })
    }
    return
  }

  it(
    `holds for ${MINUTES} minutes`,
    async () => {
      console.log(`seed ${SEED}`)
      const untilMs = performance.now() + MINUTES * 60_000
      for (let turn = 0; performance.now() < untilMs; ) {
        for (const chaosCase of new ChaosDraw(`${SEED} round ${turn}`).shuffled(chosen)) {
          if (performance.now() >= untilMs) break
          const result = await run(chaosCase, turn)
          const gap = `gap ${((result.gapMs ?? 0) / 1000).toFixed(1)} s`
          console.log(`${turn} ${result.name} (${lab.draw.describe()}): ${failureOf(result) ?? 'same text'}, ${gap}`)
          turn += 1
        }
      }
      expect(results.flatMap((result) => failureOf(result) ?? [])).toEqual([])
    },
    (MINUTES + 10) * 60_000,
  )
})
