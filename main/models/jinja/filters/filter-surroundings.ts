import type { GivenArguments } from '../values/arguments.ts'
import type { Arguments, Keywords } from '../values/python-value.ts'

/** What filters that work on each item need of the evaluation around them. */
export interface FilterSurroundings {
  filter(name: string, value: unknown, args: Arguments, keywords: Keywords): unknown
  test(name: string, value: unknown, args: Arguments): boolean
}

export type Filter = (value: unknown, given: GivenArguments, surroundings: FilterSurroundings) => unknown
