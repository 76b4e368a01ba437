import { expect, it } from 'vitest'
import { watchListing } from './watch-listing.ts'

async function watched(pictures: readonly (string | Error)[], isScreen: boolean): Promise<string> {
  const stop = new AbortController()
  let shown = ''
  let index = 0
  await watchListing(
    {
      read: async () => {
        const picture = pictures[index++] ?? ''
        if (index === pictures.length) stop.abort()
        if (picture instanceof Error) throw picture
        return picture
      },
      terminal: { write: (text) => void (shown += text), line: (text) => void (shown += `${text}\n`) },
      clock: { sleep: async () => undefined },
      intervalMs: 1,
      isScreen,
    },
    stop.signal,
  )
  return shown
}

it('prints each change for a file, and goes on after a failure', async () => {
  expect(await watched(['a', 'a', new Error('The node is gone.'), 'b'], false)).toBe('a\nThe node is gone.\nb\n')
})

it('redraws a screen', async () => {
  const shown = await watched(['a', 'b'], true)
  expect(shown.split('\x1b[H').length - 1).toBe(2)
  expect(shown.endsWith('b\n')).toBe(true)
})
