// @vitest-environment happy-dom
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { ServicesProvider, type Services } from '../../../services/services.ts'
import { clearView, renderView } from '../../../services/__fixtures__/render-view.tsx'
import { Markdown } from './Markdown.tsx'

// The test's document has no doctype, without which KaTeX does nothing.
Object.defineProperty(document, 'compatMode', { value: 'CSS1Compat' })

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
  it('makes tables, and colours code once what does it has loaded', async () => {
    expect(render('| a | b |\n|---|---|\n| 1 | 2 |')).toMatch(/<th>a<\/th>/)
    renderView(<Markdown text={'```python\ndef f(): return 1\n```'} />)
    await expect.poll(() => document.querySelector('.hljs-keyword')?.textContent).toBe('def')
    clearView()
  })
  it('B26: keeps a number and its unit on one line, and lets text break', () => {
    const html = render('| a | b | c |\n| --- | :-: | --- |\n| 41.2 tok/s | 18,4 GB | 3 machines that are on the same desk |')
    expect([...html.matchAll(/<td([^>]*)>/g)].map(([, attributes]) => attributes?.includes('class="amount"'))).toEqual([true, true, false])
    expect(html).toContain('text-align:center')
  })

  it('B41: keeps blocks of HTML apart, and makes task lists without bullets', () => {
    const html = render('One.\n\n<div>two</div>\nthree\n\n- <hr>\n\n> <p>four\n\nFive <i>six</i>.[^n]\n\n[^n]: A note.')
    expect(html).toContain('<p>&lt;div&gt;two&lt;/div&gt;\nthree</p>')
    expect(html).toMatch(/<li>\s*<p>&lt;hr&gt;<\/p>|<li>&lt;hr&gt;<\/li>/)
    expect(html).toMatch(/<blockquote>\s*<p>&lt;p&gt;four<\/p>/)
    expect(html).toContain('<p>Five &lt;i&gt;six&lt;/i&gt;.')
    const tasks = render('- [x] done\n- [ ] open')
    expect(tasks).toContain('<ul class="contains-task-list">')
    expect(tasks.match(/type="checkbox"/g)).toHaveLength(2)
  })
  it('B9: shows footnotes and follows references', () => {
    const html = render('See [the docs][1] and this.[^n]\n\n[1]: https://example.com\n\n[^n]: A note.')
    expect(html).toContain('href="https://example.com"')
    expect(html).toContain('A note.')
    expect(html).not.toMatch(/\[\^n\]|\[1\]|href="#/)
  })
  it('B8: shows formulas as they were written', () => {
    const html = render('Let \\(a_1 \\, b\\) be.\n\n\\[\nx_1 \\\\ y_1\n\n\\frac{1}{2}\n\\]')
    expect(html).toContain('\\(a_1 \\, b\\)')
    expect(html).toContain('x_1 \\\\ y_1\n\n\\frac{1}{2}')
  })
  it('B8, F6: sets formulas once what does it has loaded, and shows what is no valid TeX as it was written', async () => {
    renderView(<Markdown text={'So \\(\\sqrt{a_1}\\) and $b$, `$c$`, \\(\\broken\\).\n\n$$\n\\frac{1}{2}\n$$'} />)
    await expect.poll(() => document.querySelectorAll('.katex math').length).toBe(3)
    expect(document.querySelectorAll('.katex-display')).toHaveLength(1)
    expect([...document.querySelectorAll('code')].map((code) => code.textContent)).toEqual(['$c$', '\\(\\broken\\)'])
    clearView()
  })
  it('F6: gives formulas no way to load, link or run anything', async () => {
    renderView(<Markdown text={'$a$ \\(\\href{javascript:alert(1)}{x}\\) \\(\\includegraphics{https://evil.example/x.png}\\)'} />)
    await expect.poll(() => document.querySelectorAll('.katex').length).toBeGreaterThan(0)
    expect(document.querySelectorAll('a, img')).toHaveLength(0)
    clearView()
  })
  it('shows very long texts as they are, in pieces', () => {
    const html = render('**word** '.repeat(50_000))
    expect(html.match(/plain-piece/g)?.length).toBe(Math.ceil(450_000 / 20_000))
    expect(html).not.toContain('<strong>')
  })
})
