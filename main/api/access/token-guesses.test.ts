import { beforeEach, describe, expect, it } from 'vitest'
import { ApiError } from '../api-error.ts'
import { checkToken, type TokenRule } from './check-token.ts'
import { TokenGuesses } from './token-guesses.ts'

let nowMs: number
let warnings: Record<string, unknown>[]
let rule: TokenRule
beforeEach(() => {
  nowMs = 1_000_000
  warnings = []
  const guesses = new TokenGuesses({ timers: { now: () => nowMs }, log: { warn: (_, fields) => void warnings.push(fields) } })
  rule = { apiToken: 'right', trustsOwnMachine: false, rightsOf: (token) => (token === 'named' ? 'inference' : null), guesses }
})

const answerTo = (address: string, token: string | null): [number, number | null] => {
  try {
    checkToken({ headers: token === null ? {} : { authorization: `Bearer ${token}` }, method: 'GET', path: '/v1/models', address }, rule)
    return [200, null]
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return [error.status, error.retryAfterS]
  }
}

it('programs on this machine need no token where the network needs one', () => {
  rule = { ...rule, trustsOwnMachine: true }
  expect(['127.0.0.1', '::1', '::ffff:127.0.0.1'].map((address) => answerTo(address, null)[0])).toEqual([200, 200, 200])
  expect(answerTo('127.0.0.1', 'unused')[0]).toBe(200)
  expect(['10.0.0.9', '::ffff:10.0.0.9', 'fe80::1'].map((address) => answerTo(address, null)[0])).toEqual([401, 401, 401])
  expect([answerTo('10.0.0.9', 'unused')[0], answerTo('10.0.0.9', 'right')[0]]).toEqual([401, 200])
})

describe('B2: wrong API tokens', () => {
  it('of one address get slower, up to a minute, over any route', () => {
    let tried = 0
    for (const endMs = nowMs + 10 * 60_000; nowMs < endMs; nowMs += 100) if (answerTo('10.0.0.9', `guess-${nowMs}`)[0] === 401) tried += 1
    expect(tried).toBeLessThan(25)
    expect(answerTo('10.0.0.9', 'another')).toEqual([429, expect.any(Number)])
    expect(warnings).toHaveLength(tried)
    expect(warnings[0]).toEqual({ address: '10.0.0.9', misses: 1 })
  })

  it('say after how long to try again, and a right one is not told from a wrong one until then', () => {
    for (const guess of ['1', '2', '3']) expect(answerTo('10.0.0.9', guess)).toEqual([401, null])
    expect(answerTo('10.0.0.9', '4')).toEqual([429, 1])
    expect(answerTo('10.0.0.9', 'right')).toEqual([429, 1])
    expect(answerTo('10.0.0.9', 'named')).toEqual([429, 1])
    nowMs += 1000
    expect(answerTo('10.0.0.9', 'right')).toEqual([200, null])
  })

  it('do not slow other addresses or programs of this machine', () => {
    for (let guess = 0; guess < 50; guess += 1)
      for (const address of ['10.0.0.9', '2001:db8::9', '127.0.0.1', '::1', '::ffff:127.0.0.1']) answerTo(address, `guess-${guess}`)
    for (const address of ['10.0.0.8', '2001:db8::8', '127.0.0.1', '::1', '::ffff:127.0.0.1']) {
      expect(answerTo(address, 'right'), address).toEqual([200, null])
      expect(answerTo(address, 'named'), address).toEqual([200, null])
    }
    expect(answerTo('127.0.0.1', 'wrong')[0]).toBe(401)
  })

  it('from many addresses of an IPv6 network get slower, but not for a client there that has shown a token', () => {
    expect([answerTo('2001:db8::8', 'right')[0], answerTo('2001:db8::7', 'named')[0]]).toEqual([200, 200])
    let tried = 0
    for (let guess = 0; guess < 6000; guess += 1, nowMs += 100)
      if (answerTo(`2001:db8::1:${guess.toString(16)}`, `guess-${guess}`)[0] === 401) tried += 1
    expect(tried).toBeLessThan(60)
    expect([answerTo('2001:db8::8', 'right')[0], answerTo('2001:db8::7', 'named')[0]]).toEqual([200, 200])
    expect(answerTo('2001:db8:0:1::8', 'right')[0]).toBe(200)
  })

  it('are no guesses where one program goes on with an old token, or sends none', () => {
    for (let call = 0; call < 50; call += 1) expect([answerTo('10.0.0.9', 'revoked')[0], answerTo('10.0.0.9', null)[0]]).toEqual([401, 401])
    expect(answerTo('10.0.0.9', 'right')[0]).toBe(200)
  })

  it('are not forgiven for a token that may only ask models', () => {
    for (const guess of ['1', 'named', '2', 'named', '3']) answerTo('10.0.0.9', guess)
    expect(answerTo('10.0.0.9', '4')[0]).toBe(429)
  })

  it('are kept for a bounded number of addresses', () => {
    for (let host = 0; host < 5000; host += 1) for (const guess of ['1', '2', '3']) answerTo(`10.0.${host >> 8}.${host & 255}`, guess)
    expect(answerTo('10.0.0.1', 'right')[0]).toBe(200)
    expect(answerTo('10.0.19.135', 'right')[0]).toBe(429)
  })
})
