import type { Check } from './check.ts'
import { collectDoctorFacts, type DoctorDependencies, type DoctorOptions } from './collect-doctor-facts.ts'
import { diagnose } from './diagnose.ts'

export interface DoctorReport {
  readonly checks: readonly Check[]
  /** There is a problem, so the command exits with status 1. */
  readonly hasProblem: boolean
}

/** `exo doctor`: checks this machine and, if a node is running, its whole cluster. */
export async function runDoctor(dependencies: DoctorDependencies, options: DoctorOptions, signal: AbortSignal): Promise<DoctorReport> {
  const checks = diagnose(await collectDoctorFacts(dependencies, options, signal))
  return { checks, hasProblem: checks.some(({ state }) => state === 'problem') }
}
