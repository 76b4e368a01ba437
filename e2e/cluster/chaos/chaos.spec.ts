import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorMessage } from '../../../main/shared/app-error.ts'
import { reportFigure } from '../../node/report-figure.ts'
import { type ChaosCase, CHAOS_CASES } from './chaos-cases.ts'
import { ChaosLab } from './chaos-lab.ts'
import { type ChaosResult, formatChaosTable } from './chaos-table.ts'

/** Set by `npm run chaos`. Without it, the telling cases run once. */
const MINUTES = Number(process.env['EXO_CHAOS_MINUTES'] ?? 0)
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
    console.log(formatChaosTable(results))
  })

  async function run({ name, run: breakInto }: ChaosCase): Promise<ChaosResult> {
    let result: ChaosResult
    try {
      await lab.restore()
      const answer = await breakInto(lab)
      result = { name, isSame: lab.isSame(answer), error: null, gapMs: answer.longestGapMs }
    } catch (error) {
      result = { name, isSame: false, error: errorMessage(error), gapMs: null }
    }
    results.push(result)
    return result
  }

  if (MINUTES === 0) {
    for (const chaosCase of chosen) {
      it(chaosCase.name, async ({ onTestFailed }) => {
        onTestFailed(() => console.log(lab.cluster.output()))
        const { isSame, error, gapMs } = await run(chaosCase)
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
      const untilMs = performance.now() + MINUTES * 60_000
      for (let turn = 0; performance.now() < untilMs; turn += 1) {
        const result = await run(chosen[turn % chosen.length]!)
        console.log(
          `${result.name}: ${result.error ?? (result.isSame ? 'same text' : 'ANOTHER TEXT')}, gap ` +
            `${((result.gapMs ?? 0) / 1000).toFixed(1)} s`,
        )
      }
      expect(results.filter(({ error, isSame }) => error !== null || !isSame)).toEqual([])
    },
    (MINUTES + 10) * 60_000,
  )
})
