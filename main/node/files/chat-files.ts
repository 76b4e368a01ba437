import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChatFilesPort } from '../../api/chats/chat-book.ts'
import { type DiskWatch, DurableFile } from '../../platform/files/durable-file.ts'
import { toDiskError } from '../../platform/files/to-disk-error.ts'
import type { Random } from '../../platform/random.ts'
import { errorCode } from '../../shared/app-error.ts'
import { Chat, ChatId } from '../../shared/chats/chat.ts'
import { ChatCipher } from './chat-cipher.ts'

const ENDING = '.chat'
const KEY = /^[0-9a-f]{64}$/
const KEY_BYTES = 32

export interface ChatFilesOptions {
  readonly random: Pick<Random, 'bytes'>
  readonly log: { warn(message: string, fields: Record<string, unknown>): void }
  readonly disk?: DiskWatch
}

/**
 * Chats as encrypted files in the data folder. Their key is a file of its own beside the folder: the node's identity may
 * be renewed, and a copy of the folder alone is unreadable. A deleted chat leaves no backup.
 */
export function openChatFiles(dataDir: string, { random, log, disk }: ChatFilesOptions): ChatFilesPort {
  const folder = join(dataDir, 'chats')
  const keyFile = new DurableFile<string>({
    path: join(dataDir, 'chats-key'),
    parse: (text) => {
      if (!KEY.test(text.trim())) throw new Error('it is not a key')
      return text.trim()
    },
    format: (key) => `${key}\n`,
    watch: disk,
  })
  let opened: Promise<ChatCipher> | null = null

  async function readKey(): Promise<string | null> {
    try {
      return await keyFile.read()
    } catch (error) {
      if (errorCode(error) !== 'file-damaged') throw error
      log.warn('the key of the chats is damaged, so earlier chats cannot be read; it was moved away', { path: await keyFile.setAside() })
      return null
    }
  }

  /** Chats are written only with a key that is on the disk. */
  async function openCipher(): Promise<ChatCipher> {
    let key = await readKey()
    if (key === null) {
      key = Buffer.from(random.bytes(KEY_BYTES)).toString('hex')
      await keyFile.write(key)
    }
    return new ChatCipher(Buffer.from(key, 'hex'), random)
  }

  const cipher = (): Promise<ChatCipher> =>
    (opened ??= openCipher().catch((error: unknown) => {
      opened = null
      throw error
    }))

  const fileOf = (id: string, { seal, open }: { seal: (text: string) => string; open: (text: string) => string }): DurableFile<Chat> =>
    new DurableFile<Chat>({
      path: join(folder, ChatId.parse(id) + ENDING),
      parse: (text) => {
        const chat = Chat.parse(JSON.parse(open(text)))
        if (chat.id !== id) throw new Error('it is another chat')
        return chat
      },
      format: (chat) => seal(JSON.stringify(chat)),
      keepsCopy: false,
      watch: disk,
    })

  const chatFile = async (id: string): Promise<{ file: DurableFile<Chat>; bytes: () => number }> => {
    const sealing = await cipher()
    let bytes = 0
    const seal = (text: string): string => {
      const sealed = sealing.seal(id, text)
      bytes = sealed.length
      return sealed
    }
    return { file: fileOf(id, { seal, open: (text) => sealing.open(id, text) }), bytes: () => bytes }
  }

  return {
    async ids() {
      const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return []
        throw toDiskError(error, folder)
      })
      return names
        .filter((name) => name.endsWith(ENDING))
        .map((name) => name.slice(0, -ENDING.length))
        .filter((id) => ChatId.safeParse(id).success)
    },
    read: async (id) => (await chatFile(id)).file.read(),
    async change(id, next) {
      const { file, bytes } = await chatFile(id)
      await file.change(next)
      return bytes()
    },
    remove: async (id) => (await chatFile(id)).file.remove(),
  }
}
