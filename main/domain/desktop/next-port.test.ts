import { describe, expect, it } from 'vitest'
import { nextPort } from './next-port.ts'

describe('nextPort', () => {
  it.each([
    [8080, 8080, 8081],
    [8081, 8080, 8082],
    [8088, 8080, 8089],
    [8089, 8080, 0],
    [65_535, 65_535, 0],
  ])('after %d, where %d was the first: %d', (taken, first, next) => expect(nextPort(taken, first)).toBe(next))
})
