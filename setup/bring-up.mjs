import { withProgressLine } from './progress-line.mjs'
import { withSetupLock } from './state/setup-lock.mjs'
import { steps } from './steps.mjs'

/**
 * Runs the set-up steps that are out of date. Only one process does so at a time.
 *
 * @param {{ isQuick: boolean }} options - isQuick: only the steps that a command without a model needs
 */
export async function bringUp({ isQuick }) {
  const staleSteps = () => steps.filter((step) => (step.isQuick || !isQuick) && !step.isCurrent())
  if (staleSteps().length === 0) return
  await withSetupLock(
    async () => {
      for (const step of staleSteps()) await withProgressLine(step.label, step.run)
    },
    (processId) => process.stderr.write(`exo: waiting for the set-up that runs in process ${processId}\n`),
  )
}
