import type { GivenArguments } from '../values/arguments.ts'
import type { Arguments, Keywords } from '../values/python-value.ts'

/** The evaluation functions needed by filters that process each item. */
export interface FilterSurroundings {
  filter(name: string, value: unknown, args: Arguments, keywords: Keywords): unknown
  test(name: string, value: unknown, args: Arguments): boolean
}

export type Filter = (value: unknown, given: GivenArguments, surroundings: FilterSurroundings) => unknown
