import { create } from 'zustand'
import { type Attachment, MOST_ATTACHMENTS } from '../../../../main/shared/chats/chat.ts'
import { type AttachmentRefusal, readAttachment } from './read-attachment.ts'

export interface RefusedFile {
  readonly name: string
  readonly reason: AttachmentRefusal | 'too-many'
}

/** The files of a question that is not sent yet. */
export interface PendingFiles {
  readonly attachments: readonly Attachment[]
  /** Files that are being read. */
  readonly reading: number
  readonly refused: readonly RefusedFile[]
}

const NONE: PendingFiles = { attachments: [], reading: 0, refused: [] }

/** By the id of their chat; a new chat's are under the empty id. */
const useAttachmentStore = create<{ readonly pending: Readonly<Record<string, PendingFiles>> }>(() => ({ pending: {} }))

export const usePendingFiles = (chatId: string | null): PendingFiles => useAttachmentStore(({ pending }) => pending[chatId ?? ''] ?? NONE)

function change(chatId: string | null, next: (files: PendingFiles) => PendingFiles): void {
  const key = chatId ?? ''
  useAttachmentStore.setState(({ pending }) => ({ pending: { ...pending, [key]: next(pending[key] ?? NONE) } }))
}

/** Reads files, one after the other, and adds their texts. */
export async function attachFiles(chatId: string | null, files: readonly File[]): Promise<void> {
  change(chatId, (before) => ({ ...before, reading: before.reading + files.length }))
  for (const file of files) {
    const read = await readAttachment(file)
    change(chatId, (before) => {
      const rest = { ...before, reading: Math.max(0, before.reading - 1) }
      const refuse = (name: string, reason: RefusedFile['reason']): PendingFiles => ({
        ...rest,
        refused: [...before.refused.filter((other) => other.name !== name), { name, reason }].slice(-MOST_ATTACHMENTS),
      })
      if (read.kind === 'refused') return refuse(read.name, read.reason)
      if (before.attachments.length >= MOST_ATTACHMENTS) return refuse(read.attachment.name, 'too-many')
      return { ...rest, attachments: [...before.attachments, withFreeName(read.attachment, before.attachments)] }
    })
  }
}

export function detachFile(chatId: string | null, name: string): void {
  change(chatId, (before) => ({ ...before, attachments: before.attachments.filter((attachment) => attachment.name !== name) }))
}

export function forgetRefused(chatId: string | null): void {
  change(chatId, (before) => ({ ...before, refused: [] }))
}

/** Takes the files of a question that was sent, or will never be. */
export function clearFiles(chatId: string | null): void {
  useAttachmentStore.setState(({ pending: { [chatId ?? '']: _sent, ...pending } }) => ({ pending }))
}

/** `notes.md` becomes `notes (2).md` beside another of that name. */
function withFreeName(attachment: Attachment, others: readonly Attachment[]): Attachment {
  const taken = new Set(others.map(({ name }) => name))
  if (!taken.has(attachment.name)) return attachment
  const [, stem = attachment.name, ending = ''] = /^(.+?)(\.[^.]{1,16})?$/.exec(attachment.name) ?? []
  for (let number = 2; ; number += 1) {
    const name = `${stem} (${number})${ending}`
    if (!taken.has(name)) return { ...attachment, name }
  }
}
