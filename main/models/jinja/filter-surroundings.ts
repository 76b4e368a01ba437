import type { GivenArguments } from './arguments.ts'
import type { Arguments, Keywords } from './python-value.ts'

/** What filters that work on each item need of the evaluation around them. */
export interface FilterSurroundings {
  filter(name: string, value: unknown, args: Arguments, keywords: Keywords): unknown
  test(name: string, value: unknown, args: Arguments): boolean
}

export type Filter = (value: unknown, given: GivenArguments, surroundings: FilterSurroundings) => unknown
