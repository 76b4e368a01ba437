import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChatFilesPort } from '../../api/chats/chat-book.ts'
import { systemRandom } from '../../platform/random.ts'
import { Chat } from '../../shared/chats/chat.ts'
import { openChatFiles } from './chat-files.ts'

let dir: string
let warned: string[]
beforeEach(async () => {
  warned = []
  dir = await mkdtemp(join(tmpdir(), 'exo-chats-'))
})
afterEach(() => rm(dir, { recursive: true }))

const open = (): ChatFilesPort => openChatFiles(dir, { random: systemRandom, log: { warn: (message) => void warned.push(message) } })
const chat = (id: string, title = 'My secret plan'): Chat =>
  Chat.parse({
    id,
    title,
    createdAtMs: 1,
    updatedAtMs: 2,
    modelId: null,
    settings: {},
    messages: [{ id: 'message-1', parentId: null, role: 'user', content: 'a secret', atMs: 1 }],
  })

describe('chat files', () => {
  it('keep chats over a restart, encrypted and for this user only', async () => {
    const files = open()
    expect([await files.ids(), await files.read('chat-0001')]).toEqual([[], null])
    const bytes = await files.change('chat-0001', () => chat('chat-0001'))
    const path = join(dir, 'chats', 'chat-0001.chat')
    const stored = await readFile(path, 'utf8')
    expect(stored).toHaveLength(bytes)
    expect(stored + Buffer.from(stored, 'base64').toString('latin1')).not.toMatch(/secret/)
    expect([(await stat(path)).mode & 0o777, (await stat(join(dir, 'chats-key'))).mode & 0o777]).toEqual([0o600, 0o600])
    const again = open()
    expect([await again.ids(), await again.read('chat-0001')]).toEqual([['chat-0001'], chat('chat-0001')])
  })

  it('leave nothing of a deleted chat', async () => {
    const files = open()
    await files.change('chat-0001', () => chat('chat-0001'))
    await files.change('chat-0001', () => chat('chat-0001', 'renamed'))
    await files.remove('chat-0001')
    expect(await readdir(join(dir, 'chats'))).toEqual([])
  })

  it('leave a chat as it is when its change is refused', async () => {
    const files = open()
    await files.change('chat-0001', () => chat('chat-0001'))
    const refuse = (): Chat => {
      throw new Error('no')
    }
    await expect(files.change('chat-0001', refuse)).rejects.toThrow('no')
    expect(await files.read('chat-0001')).toEqual(chat('chat-0001'))
  })

  it.each([
    ['changed', (text: string) => text.replace(/.{20}(?=\n$)/, 'A'.repeat(20))],
    ['truncated', (text: string) => text.slice(0, 40)],
    ['empty', () => ''],
  ])('refuse a file that is %s, and keep it', async (_, damage) => {
    const files = open()
    await files.change('chat-0001', () => chat('chat-0001'))
    const path = join(dir, 'chats', 'chat-0001.chat')
    const damaged = damage(await readFile(path, 'utf8'))
    await writeFile(path, damaged)
    await expect(open().read('chat-0001')).rejects.toMatchObject({ code: 'file-damaged' })
    expect(await readFile(path, 'utf8')).toBe(damaged)
  })

  it('refuse a file that was another chat', async () => {
    const files = open()
    await files.change('chat-0001', () => chat('chat-0001'))
    await rename(join(dir, 'chats', 'chat-0001.chat'), join(dir, 'chats', 'chat-0002.chat'))
    await expect(files.read('chat-0002')).rejects.toMatchObject({ code: 'file-damaged' })
  })

  it('go on with a new key when theirs is damaged, and keep the chats of the old one', async () => {
    await open().change('chat-0001', () => chat('chat-0001'))
    await writeFile(join(dir, 'chats-key'), 'rubbish')
    const files = open()
    await files.change('chat-0002', () => chat('chat-0002'))
    expect(await files.read('chat-0002')).toEqual(chat('chat-0002'))
    await expect(files.read('chat-0001')).rejects.toMatchObject({ code: 'file-damaged' })
    expect([warned.length, [...(await files.ids())].sort()]).toEqual([1, ['chat-0001', 'chat-0002']])
  })

  it('take no id that leads out of their folder', async () => {
    await expect(open().read('../identity')).rejects.toThrow()
    await expect(open().change('..%2Fx/../../y', () => chat('chat-0001'))).rejects.toThrow()
  })
})
