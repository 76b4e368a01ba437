import { z } from 'zod'
import { setupScript, undoScript } from '../../domain/thunderbolt/format-setup-plan.ts'
import { type NetworkSetupPlan, planNetworkSetup } from '../../domain/thunderbolt/plan-network-setup.ts'
import { UndoChange, undoChangeOf, undoCommand } from '../../domain/thunderbolt/undo-change.ts'
import type { RecordedHardware } from '../../domain/mac/recorded-hardware.ts'
import { AppError } from '../../shared/app-error.ts'
import type { RunAsAdministrator } from './run-as-administrator.ts'

/** More than any Mac has ports and services. */
const MOST_CHANGES = 256

/** The previous settings that `apply` stores in the data folder until `undo`. */
const SetupMemory = z.strictObject({
  version: z.literal(2),
  /** In the order in which they must be undone. The file contains values, never commands: the commands that run as root are built here. */
  undo: z.array(UndoChange).max(MOST_CHANGES),
})
type SetupMemory = z.infer<typeof SetupMemory>

/** Older versions stored command lines. Only those that this program would build are accepted. */
const CommandMemory = z.strictObject({ version: z.literal(1), undo: z.array(z.array(z.string().max(256)).max(8)).max(MOST_CHANGES) })

export interface NetworkSetupDependencies {
  /** The raw output of this Mac's commands. */
  record(signal: AbortSignal): Promise<RecordedHardware>
  readonly runAsAdministrator: RunAsAdministrator
  /** The file that stores the previous settings. */
  readonly memory: {
    /** Null if there is none. */
    read(): Promise<string | null>
    write(text: string): Promise<void>
    remove(): Promise<void>
  }
}

export interface NetworkSetup {
  plan(signal: AbortSignal): Promise<NetworkSetupPlan>
  /**
   * Runs the plan in one go, with a single administrator prompt, and returns the changes. If it fails, nothing has
   * changed.
   *
   * @throws AppError `administrator-refused` | `network-setup-failed` | `setup-memory-damaged`
   */
  apply(signal: AbortSignal): Promise<NetworkSetupPlan>
  /**
   * Restores the settings from before the first `apply`.
   *
   * @throws AppError `nothing-to-undo` | `administrator-refused` | `network-setup-failed` | `setup-memory-damaged`
   */
  undo(signal: AbortSignal): Promise<void>
}

export function createNetworkSetup({ record, runAsAdministrator, memory }: NetworkSetupDependencies): NetworkSetup {
  const plan = async (signal: AbortSignal): Promise<NetworkSetupPlan> => planNetworkSetup(await record(signal))
  const remembered = async (): Promise<SetupMemory | null> => {
    const text = await memory.read()
    return text === null ? null : parseMemory(text)
  }
  return {
    plan,
    async apply(signal) {
      const todo = await plan(signal)
      if (todo.steps.length === 0) return todo
      const before = await remembered()
      const undo = todo.steps.flatMap((step) => (step.undo ? [UndoChange.parse(step.undo)] : [])).reverse()
      // Saves the previous settings before changing any: after a power loss in between, the Mac can still be restored.
      const next: SetupMemory = { version: 2, undo: [...undo, ...(before?.undo ?? [])] }
      await memory.write(JSON.stringify(next, null, 2))
      try {
        await runAsAdministrator(
          setupScript(
            todo.steps.map(({ command }) => command),
            undo.map(undoCommand),
          ),
          'exo sets up the Thunderbolt ports for RDMA.',
          signal,
        )
      } catch (error) {
        await (before ? memory.write(JSON.stringify(before, null, 2)) : memory.remove())
        throw error
      }
      return todo
    },
    async undo(signal) {
      const before = await remembered()
      if (!before) throw new AppError('nothing-to-undo', 'Nothing to undo: exo thunderbolt apply has no changes on this Mac.')
      await runAsAdministrator(
        undoScript(before.undo.map(undoCommand)),
        'exo restores the network settings of the Thunderbolt ports.',
        signal,
      )
      await memory.remove()
    },
  }
}

function parseMemory(text: string): SetupMemory {
  try {
    const found: unknown = JSON.parse(text)
    const old = CommandMemory.safeParse(found)
    return old.success ? { version: 2, undo: old.data.undo.map(undoChangeOf) } : SetupMemory.parse(found)
  } catch (cause) {
    throw new AppError(
      'setup-memory-damaged',
      'The file with the network settings from before exo thunderbolt apply is damaged. Turn Thunderbolt ' +
        'Bridge on in System Settings > Network, remove the services named "exo Thunderbolt", and delete ' +
        'thunderbolt-setup.json in the data folder.',
      {},
      cause,
    )
  }
}
