import type { NodeFacts } from '../../shared/wire/peer/cluster-event.ts'

/** Whether two nodes run on the same machine, as in tests and on servers with several accelerators. */
export function isOneMachine(
  own: Pick<NodeFacts, 'name' | 'addresses'>,
  other: Pick<NodeFacts, 'name' | 'addresses'> | undefined,
): boolean {
  return other !== undefined && other.name === own.name && other.addresses.join() === own.addresses.join()
}
