import { memo, type ReactNode, useEffect, useId, useState } from 'react'
import ReactMarkdown, { type Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import { CodeBlock } from './markdown/CodeBlock.tsx'
import { Formula } from './markdown/Formula.tsx'
import { htmlAsText } from './markdown/html-as-text.ts'
import { highlighter } from './markdown/highlighter.ts'
import { useLater } from './load-later.ts'
import { markOpenFences } from './markdown/mark-open-fences.ts'
import { protectMath, readFormula } from './markdown/protect-math.ts'
import { GrowingBlocks } from './markdown/split-blocks.ts'

/** Longer texts are shown as plain text, since rendering them would take too long. */
const MOST_MARKDOWN_CHARACTERS = 200_000
const PLAIN_PIECE_CHARACTERS = 20_000

const remarkPlugins = [remarkGfm, htmlAsText, markOpenFences]
const CODE = /^ {0,3}(```|~~~)/m

/** A number with its unit, which stay on one line. */
const AMOUNT = /^\s*[<>≈~±+-]?\s*[$€£]?\d[\d.,' \u00a0]*\s?\S{0,12}(\s\S{1,6}){0,2}\s*$/u

/** HTML in the text is shown as text: no plug-in here renders it. Nothing is loaded from other hosts. */
const components: Components = {
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  code: ({ className, children }) => <InlineCode className={className}>{children}</InlineCode>,
  a: ({ href, children }) => <OutsideLink address={href}>{children}</OutsideLink>,
  img: ({ src, alt }) => <OutsideLink address={src}>{alt || String(src)}</OutsideLink>,
  td: ({ children, style }) => (
    <td style={style} className={typeof children === 'string' && AMOUNT.test(children) ? 'amount' : undefined}>
      {children}
    </td>
  ),
  table: ({ children }) => (
    <div className="markdown-table" tabIndex={0} role="group">
      <table>{children}</table>
    </div>
  ),
}

/** Code, or a formula that `protectMath` has made code. */
function InlineCode({ className, children }: { readonly className?: string | undefined; readonly children?: ReactNode }): ReactNode {
  const formula = typeof children === 'string' ? readFormula(children) : null
  if (formula === null) return <code className={className}>{children}</code>
  return (
    <Formula tex={formula.tex} isDisplay={formula.isDisplay}>
      <code>{formula.source}</code>
    </Formula>
  )
}

/** Links with a scheme that runs code arrive here empty. */
function OutsideLink({ address, children }: { readonly address: unknown; readonly children: ReactNode }): ReactNode {
  if (typeof address !== 'string' || address === '') return <span>{children}</span>
  if (address.startsWith('#')) return <InnerLink id={address.slice(1)}>{children}</InnerLink>
  return (
    <a href={address} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  )
}

/** Leads to a footnote and back. The page's own address names the view. */
function InnerLink({ id, children }: { readonly id: string; readonly children: ReactNode }): ReactNode {
  return (
    <button type="button" className="inner-link" onClick={() => document.getElementById(id)?.scrollIntoView({ block: 'center' })}>
      {children}
    </button>
  )
}

const Block = memo(function Block({ text }: { readonly text: string }): ReactNode {
  const id = useId()
  const colour = useLater(highlighter)
  const hasCode = CODE.test(text)
  useEffect(() => {
    if (hasCode) highlighter.load()
  }, [hasCode])
  const options = { clobberPrefix: `${id}-`, footnoteLabelProperties: { className: ['visually-hidden'] } }
  return (
    <div className="markdown-block">
      <ReactMarkdown
        remarkPlugins={remarkPlugins}
        rehypePlugins={hasCode && colour ? [colour] : null}
        components={components}
        remarkRehypeOptions={options}
      >
        {protectMath(text)}
      </ReactMarkdown>
    </div>
  )
})

const PlainPiece = memo(function PlainPiece({ text }: { readonly text: string }): ReactNode {
  return <span className="plain-piece">{text}</span>
})

/** Renders an answer as GitHub-flavoured markdown. */
export function Markdown({ text }: { readonly text: string }): ReactNode {
  const [growing] = useState(() => new GrowingBlocks())
  if (text.length > MOST_MARKDOWN_CHARACTERS) {
    const starts = Array.from({ length: Math.ceil(text.length / PLAIN_PIECE_CHARACTERS) }, (_, index) => index * PLAIN_PIECE_CHARACTERS)
    return (
      <div className="plain-text">
        {starts.map((start) => (
          <PlainPiece key={start} text={text.slice(start, start + PLAIN_PIECE_CHARACTERS)} />
        ))}
      </div>
    )
  }
  return (
    <div className="markdown">
      {growing.blocksOf(text).map((block, index) => (
        <Block key={index} text={block} />
      ))}
    </div>
  )
}
