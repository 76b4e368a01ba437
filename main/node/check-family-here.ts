import { DescribedFamily } from '../shared/models/described-family.ts'
import type { CheckedFamily } from '../shared/models/signed-catalogue.ts'
import {
  answerOf,
  checkDescribedFamily,
  type FamilyAnswer,
  type FamilyCheckDependencies,
  type UnansweredFamily,
} from './shards/check-described-family.ts'

/** Checks a family of a catalogue with this machine's engine. @throws as `checkDescribedFamily` */
export function checkFamilyHere(family: CheckedFamily, dependencies: FamilyCheckDependencies, signal: AbortSignal): Promise<void> {
  return checkDescribedFamily(family, dependencies, signal)
}

/** For publishers: the answer of this machine's engine, which a family's check records. */
export function recordFamilyHere(
  { check, ...family }: UnansweredFamily,
  tokens: number,
  dependencies: FamilyCheckDependencies,
  signal: AbortSignal,
): Promise<FamilyAnswer> {
  return answerOf({ ...DescribedFamily.parse(family), check }, tokens, dependencies, signal)
}
