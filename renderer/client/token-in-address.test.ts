import { expect, it } from 'vitest'
import { tokenInAddress } from './token-in-address.ts'

it.each([
  ['#token=exo-12ab', 'exo-12ab'],
  ['#/token=exo-12ab', 'exo-12ab'],
  ['#/chat', null],
  ['#token=', null],
  ['#token=<b>', null],
  ['', null],
])('reads %s', (hash, token) => expect(tokenInAddress(hash)).toBe(token))
