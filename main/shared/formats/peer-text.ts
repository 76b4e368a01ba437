import { z } from 'zod'
import { plainText } from './plain-text.ts'

/** A name of another node for the user: one line, without characters that control a terminal or turn the direction of text. */
export const peerLine = (mostLetters: number): z.ZodString => z.string().max(mostLetters).overwrite(plainText)

/** The same for a message, which may have several lines. */
export const peerText = (mostLetters: number): z.ZodString =>
  z
    .string()
    .max(mostLetters)
    .overwrite((text) => text.split('\n').map(plainText).join('\n'))

/** A value of another node that every node of the cluster keeps has a bound as a whole: the state must fit in one message. */
export const isWithin =
  (mostLetters: number) =>
  (value: unknown): boolean =>
    JSON.stringify(value).length <= mostLetters
