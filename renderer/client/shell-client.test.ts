import { describe, expect, it, vi } from 'vitest'
import { ZodError } from 'zod'
import type { ShellAnswer, ShellBridge } from '../../main/shared/wire/shell/shell.ts'
import { openShellClient } from './shell-client.ts'

const clientOf = (answer: ShellAnswer) => {
  const call = vi.fn<ShellBridge['call']>(async () => answer)
  const client = openShellClient({ exoShell: { call, onState: () => () => undefined } })
  if (!client) throw new Error('there is a bridge')
  return { client, call }
}

describe('openShellClient', () => {
  it('is none in a browser', () => expect(openShellClient({})).toBeNull())
  it('passes the input on', async () => {
    const { client, call } = clientOf({ isOk: true, value: undefined })
    await client.call('open-window', 'chat')
    await client.call('quit')
    expect(call.mock.calls).toEqual([
      ['open-window', 'chat'],
      ['quit', undefined],
    ])
  })
  it('throws with the code and the words of the shell', async () => {
    const { client } = clientOf({ isOk: false, code: 'command-exists', message: 'Another program stands there.' })
    await expect(client.call('install-command')).rejects.toMatchObject({ code: 'command-exists', message: 'Another program stands there.' })
  })
  it('takes no state for one that is none', async () => {
    const { client } = clientOf({ isOk: true, value: { version: 1 } })
    await expect(client.call('get-state')).rejects.toThrow(ZodError)
  })
})
