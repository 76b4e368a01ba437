import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { ServicesProvider, type Services } from '../../../services/services.ts'
import { Markdown } from './Markdown.tsx'

/** Rendering calls none of its services. */
const render = (text: string): string =>
  renderToStaticMarkup(
    <ServicesProvider value={{} as Services}>
      <Markdown text={text} />
    </ServicesProvider>,
  )

describe('Markdown', () => {
  it('shows HTML and never makes it', () => {
    const html = render('<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\na <b onclick="x()">b</b>')
    expect(html).not.toMatch(/<(script|img|b)[ >]/)
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  })
  it('leads to addresses of the web only, and loads no picture', () => {
    const html = render('[a](javascript:alert(1)) [b](https://example.com) ![c](https://example.com/c.png) ![d](data:text/html,x)')
    expect(html).not.toMatch(/javascript:|data:|<img/)
    expect(html.match(/href="[^"]*"/g)).toEqual(['href="https://example.com"', 'href="https://example.com/c.png"'])
    expect(html).toContain('rel="noopener noreferrer"')
  })
  it('colours code and makes tables', () => {
    const html = render('```python\ndef f(): return 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |')
    expect(html).toContain('<span class="hljs-keyword">def</span>')
    expect(html).toMatch(/<th>a<\/th>/)
  })
  it('shows very long texts as they are, in pieces', () => {
    const html = render('**word** '.repeat(50_000))
    expect(html.match(/plain-piece/g)?.length).toBe(Math.ceil(450_000 / 20_000))
    expect(html).not.toContain('<strong>')
  })
})
