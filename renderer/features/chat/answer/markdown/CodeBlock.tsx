import { isValidElement, lazy, type ReactNode, Suspense, useRef } from 'react'
import { CopyButton } from '../../../../ui/CopyButton.tsx'
import { chatStrings } from '../../strings.ts'
import { Formula } from './Formula.tsx'

const Diagram = lazy(async () => ({ default: (await import('./Diagram.tsx')).Diagram }))

interface CodeProps {
  readonly className?: string
  readonly children?: ReactNode
  /** Its end has not arrived. */
  readonly 'data-open'?: string
}

/** A block of code, a diagram, or a formula that stands in its own lines. `children` is the `code` element. */
export function CodeBlock({ children }: { readonly children?: ReactNode }): ReactNode {
  const { className = '', children: text, 'data-open': open } = isValidElement<CodeProps>(children) ? children.props : {}
  const language = /language-(\S+)/.exec(className)?.[1] ?? null
  const block = <CodeFrame language={language}>{children}</CodeFrame>
  if (typeof text !== 'string') return block
  if (language === 'mermaid' && open === undefined) {
    return (
      <Suspense fallback={block}>
        <Diagram source={text}>{block}</Diagram>
      </Suspense>
    )
  }
  if (language !== 'math') return block
  return (
    <Formula tex={text} isDisplay>
      {block}
    </Formula>
  )
}

/** Code with its language and a copy button. */
function CodeFrame({ language, children }: { readonly language: string | null; readonly children?: ReactNode }): ReactNode {
  const code = useRef<HTMLPreElement>(null)
  return (
    <div className="code-block">
      <div className="code-head">
        <span>{language ?? chatStrings.plainCode}</span>
        <CopyButton label={chatStrings.copyCode} text={() => code.current?.textContent ?? ''} />
      </div>
      <pre ref={code} tabIndex={0}>
        {children}
      </pre>
    </div>
  )
}
