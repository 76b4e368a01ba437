import { expect, it } from 'vitest'
import { isOneMachine } from './is-one-machine.ts'

it('goes by name and addresses', () => {
  const own = { name: 'studio', addresses: ['10.0.0.1', 'fe80::1'] }
  expect(isOneMachine(own, { ...own })).toBe(true)
  expect(isOneMachine(own, { ...own, name: 'laptop' })).toBe(false)
  expect(isOneMachine(own, { ...own, addresses: ['10.0.0.1'] })).toBe(false)
  expect(isOneMachine(own, undefined)).toBe(false)
})
