import { withProgressLine } from './progress-line.mjs'
import { withSetupLock } from './state/setup-lock.mjs'
import { steps } from './steps.mjs'

/**
 * Makes current what is not, one process at a time.
 *
 * @param {{ isQuick: boolean }} options - quick: only what a command needs that loads no model
 */
export async function bringUp({ isQuick }) {
  const staleSteps = () => steps.filter((step) => (step.isQuick || !isQuick) && !step.isCurrent())
  if (staleSteps().length === 0) return
  await withSetupLock(
    async () => {
      for (const step of staleSteps()) await withProgressLine(step.label, step.run)
    },
    (processId) => process.stderr.write(`exo: waiting for the set-up that process ${processId} runs\n`),
  )
}
