import { expect, it } from 'vitest'
import { reasoningVariables } from './reasoning-variables.ts'

it.each([
  [null, null, {}],
  ['none', true, { reasoning_effort: 'none', enable_thinking: true }],
  [null, true, { reasoning_effort: 'medium', enable_thinking: true }],
  [null, false, { reasoning_effort: 'none', enable_thinking: false }],
  ['none', null, { reasoning_effort: 'none', enable_thinking: false }],
  ['low', null, { reasoning_effort: 'low', enable_thinking: true }],
  ['high', null, { reasoning_effort: 'high', enable_thinking: true }],
] as const)('effort %s and thinking %s give %o', (effort, enableThinking, expected) =>
  expect(reasoningVariables(effort, enableThinking)).toEqual(expected),
)
