import { type ReactNode, useEffect } from 'react'
import { loadLater, useLater } from './load-later.ts'

/** Renders Markdown. It loads after the page, which needs it only for answers. */
export const markdownRenderer = loadLater(async () => {
  const { Markdown } = await import('./Markdown.tsx')
  return (text: string): ReactNode => <Markdown text={text} />
})

/** An answer as Markdown; as plain text until its renderer has loaded. */
export function AnswerText({ text }: { readonly text: string }): ReactNode {
  const render = useLater(markdownRenderer)
  useEffect(() => markdownRenderer.load(), [text])
  return render === null ? <div className="plain-text">{text}</div> : render(text)
}
