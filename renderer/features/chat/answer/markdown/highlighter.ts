import { loadLater } from '../load-later.ts'

/** Colours code. */
export const highlighter = loadLater(async () => (await import('rehype-highlight')).default)
