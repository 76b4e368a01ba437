import { isValidElement, type ReactNode, useRef } from 'react'
import { CopyButton } from '../../../ui/CopyButton.tsx'
import { chatStrings } from '../strings.ts'

/** A block of code with its language and a copy button. `children` is the `code` element. */
export function CodeBlock({ children }: { readonly children?: ReactNode }): ReactNode {
  const code = useRef<HTMLPreElement>(null)
  const className = isValidElement<{ className?: string }>(children) ? (children.props.className ?? '') : ''
  const language = /language-(\S+)/.exec(className)?.[1] ?? chatStrings.plainCode
  return (
    <div className="code-block">
      <div className="code-head">
        <span>{language}</span>
        <CopyButton label={chatStrings.copyCode} text={() => code.current?.textContent ?? ''} />
      </div>
      <pre ref={code} tabIndex={0}>
        {children}
      </pre>
    </div>
  )
}
