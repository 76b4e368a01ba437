import type { Check } from './check.ts'
import { collectDoctorFacts, type DoctorDependencies, type DoctorOptions } from './collect-doctor-facts.ts'
import { diagnose } from './diagnose.ts'

export interface DoctorReport {
  readonly checks: readonly Check[]
  /** Something is wrong: the command ends with status 1. */
  readonly hasProblem: boolean
}

/** `exo doctor`: looks at this machine and, where a node runs, at its whole cluster. */
export async function runDoctor(dependencies: DoctorDependencies, options: DoctorOptions, signal: AbortSignal): Promise<DoctorReport> {
  const checks = diagnose(await collectDoctorFacts(dependencies, options, signal))
  return { checks, hasProblem: checks.some(({ state }) => state === 'problem') }
}
