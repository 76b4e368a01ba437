import { expect, it } from 'vitest'
import { moveNoticer } from './move-noticer.ts'

it('F2: an address that never was is a move, those that go and come back are none', () => {
  const moves: string[][] = []
  const notice = moveNoticer((addresses) => moves.push([...addresses]))
  notice(['127.0.0.1', '10.0.0.1', 'fe80::1'])
  notice(['127.0.0.1'])
  notice(['127.0.0.1', 'fe80::1'])
  notice(['127.0.0.1', 'fe80::1', '10.0.0.1'])
  expect(moves).toEqual([])
  notice(['127.0.0.1', 'fe80::1'])
  notice(['127.0.0.1', 'fe80::1', '10.0.0.9'])
  expect(moves).toEqual([['127.0.0.1', 'fe80::1', '10.0.0.9']])
})
