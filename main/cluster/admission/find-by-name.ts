import { AppError } from '../../shared/app-error.ts'
import type { NodeId } from '../../shared/ids.ts'

const LEAST_ID_CHARACTERS = 4

const MESSAGES = {
  'newcomer-unknown': (name: string) => `No machine named '${name}' is waiting to join. To list them: exo members`,
  'member-unknown': (name: string) => `This cluster has no member named '${name}'. To list them: exo members`,
} as const

/**
 * Finds a machine by its name or the start of its fingerprint. Any machine can use any name, so if two have the same
 * name, the fingerprint is required.
 */
export function findByName<Machine extends { readonly nodeId: NodeId; readonly name: string }>(
  machines: readonly Machine[],
  name: string,
  unknownCode: keyof typeof MESSAGES,
): Machine {
  const bare = name.toLowerCase().replaceAll('-', '')
  const byId = bare.length >= LEAST_ID_CHARACTERS ? machines.filter(({ nodeId }) => nodeId.startsWith(bare)) : []
  const found = machines.filter((machine) => machine.name === name)
  const candidates = found.length > 0 ? found : byId
  if (candidates.length > 1) {
    throw new AppError(
      'name-ambiguous',
      `Several machines are named '${name}': ` +
        `${candidates.map(({ nodeId }) => nodeId.slice(0, 12)).join(', ')}. Use the start of a fingerprint.`,
      { name },
    )
  }
  const [machine] = candidates
  if (!machine) throw new AppError(unknownCode, MESSAGES[unknownCode](name), { name })
  return machine
}
