import { describe, expect, it } from 'vitest'
import { commitToNonce, shortAuthenticationString } from './short-authentication-string.ts'

describe('shortAuthenticationString', () => {
  const [binding, dialer, acceptor] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2), Buffer.alloc(32, 3)]

  it('is six digits, the same for the same session and nonces', () => {
    expect(shortAuthenticationString(binding, dialer, acceptor)).toBe(shortAuthenticationString(Buffer.from(binding), dialer, acceptor))
    for (let value = 0; value < 200; value += 1)
      expect(shortAuthenticationString(binding, dialer, Buffer.alloc(32, value))).toMatch(/^\d{6}$/)
  })

  it('depends on each of its parts, and on where one ends and the next begins', () => {
    const all = [
      shortAuthenticationString(binding, dialer, acceptor),
      shortAuthenticationString(Buffer.alloc(32, 9), dialer, acceptor),
      shortAuthenticationString(binding, acceptor, dialer),
      shortAuthenticationString(binding, Buffer.concat([dialer, acceptor]), Buffer.alloc(0)),
    ]
    expect(new Set(all).size).toBe(all.length)
  })

  it('commits to a nonce without showing it', () => {
    expect(commitToNonce(dialer)).toMatch(/^[0-9a-f]{64}$/)
    expect(commitToNonce(dialer)).not.toBe(commitToNonce(acceptor))
  })
})
