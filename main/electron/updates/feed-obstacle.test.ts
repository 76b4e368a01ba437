import { describe, expect, it } from 'vitest'
import { feedObstacle } from './feed-obstacle.ts'

describe('feedObstacle', () => {
  it.each(['https://updates.example/linux', 'http://127.0.0.1:8080/', 'http://localhost:1/'])('asks %s', (url) =>
    expect(feedObstacle({ provider: 'generic', url })).toBeNull(),
  )
  it.each([
    'http://updates.example/',
    'ftp://updates.example/',
    'file:///tmp/feed',
    'http://127.0.0.1.evil.example/',
    'no address',
    undefined,
  ])('E: does not ask %s', (url) => expect(feedObstacle({ url })).toEqual(expect.any(String)))
  it('E: does not ask a feed that cannot be read', () => expect(feedObstacle(null)).toEqual(expect.any(String)))
})
