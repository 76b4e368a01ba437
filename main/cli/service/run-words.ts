import { spawnSync } from 'node:child_process'
import type { CommandWords } from '../../domain/service/service-plan.ts'
import { AppError } from '../../shared/app-error.ts'

/** Runs a program of the system in this terminal. @returns its exit status */
export function showWords([program, ...programArguments]: CommandWords): number {
  const { status, error } = spawnSync(program, programArguments, { stdio: 'inherit' })
  if (error) throw new AppError('service-failed', `${program} cannot start: ${error.message}. Services need systemd on Linux, or macOS.`)
  return status ?? 1
}

/**
 * Runs programs of the system one after another.
 *
 * @throws AppError `service-failed` with what the first failing one printed
 */
export function runWords(commands: readonly CommandWords[]): void {
  for (const [program, ...programArguments] of commands) {
    const { status, error, stderr } = spawnSync(program, programArguments, { encoding: 'utf8' })
    if (error) throw new AppError('service-failed', `${program} cannot start: ${error.message}. Services need systemd on Linux, or macOS.`)
    if (status !== 0)
      throw new AppError('service-failed', `${[program, ...programArguments].join(' ')} failed: ${stderr.trim() || `status ${status}`}`)
  }
}

/** Runs programs whose failure only means that there is nothing to undo. */
export function tryWords(commands: readonly CommandWords[]): void {
  for (const [program, ...programArguments] of commands) spawnSync(program, programArguments, { stdio: 'ignore' })
}
