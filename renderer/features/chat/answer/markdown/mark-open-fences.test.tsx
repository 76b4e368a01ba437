import ReactMarkdown from 'react-markdown'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { markOpenFences } from './mark-open-fences.ts'

const isOpen = (text: string): boolean =>
  renderToStaticMarkup(<ReactMarkdown remarkPlugins={[markOpenFences]}>{text}</ReactMarkdown>).includes('data-open="true"')

describe('markOpenFences', () => {
  it.each(['```mermaid\ngraph TD\nA-->B', '```mermaid\n', '```', 'So:\n\n~~~~\na\n', '- ```mermaid\n  graph TD'])('F6: marks %j', (text) =>
    expect(isOpen(text)).toBe(true),
  )
  it.each(['```mermaid\ngraph TD\n```', '1. so:\n\n   ```a\n   b\n   ```\n', '> ~~~a\n> b\n> ~~~', '    indented', '`inline`', '```\n```'])(
    'F6: leaves %j',
    (text) => expect(isOpen(text)).toBe(false),
  )
})
