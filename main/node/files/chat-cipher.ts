import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Random } from '../../platform/random.ts'

const ALGORITHM = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16
const MARK = 'exo chat 1\n'

/** Encrypts and authenticates the texts of chats. A text under another name than its own is refused. */
export class ChatCipher {
  private readonly key: Buffer
  private readonly random: Pick<Random, 'bytes'>

  /** @param key - 32 bytes */
  constructor(key: Buffer, random: Pick<Random, 'bytes'>) {
    this.key = key
    this.random = random
  }

  seal(name: string, text: string): string {
    const iv = Buffer.from(this.random.bytes(IV_BYTES))
    const cipher = createCipheriv(ALGORITHM, this.key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(name))
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return `${MARK}${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')}\n`
  }

  /** @throws if the text was not sealed with this key under this name, or was changed since */
  open(name: string, sealed: string): string {
    if (!sealed.startsWith(MARK)) throw new Error('it is not a sealed chat')
    const bytes = Buffer.from(sealed.slice(MARK.length), 'base64')
    if (bytes.length < IV_BYTES + TAG_BYTES) throw new Error('it is truncated')
    const decipher = createDecipheriv(ALGORITHM, this.key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(name))
      .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8')
  }
}
