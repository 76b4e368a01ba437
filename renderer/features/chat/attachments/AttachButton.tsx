import { type ReactNode, useRef } from 'react'
import { Icon } from '../../../ui/Icon.tsx'
import { attachmentStrings } from './strings.ts'

/** Opens the system's dialog for files. */
export function AttachButton({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }): ReactNode {
  const field = useRef<HTMLInputElement>(null)
  const label = attachmentStrings.attach
  return (
    <>
      <button type="button" className="icon-button" aria-label={label} title={label} onClick={() => field.current?.click()}>
        <Icon name="attach" />
      </button>
      <input
        ref={field}
        type="file"
        hidden
        multiple
        aria-label={label}
        onChange={({ target }) => {
          const files = [...(target.files ?? [])]
          target.value = ''
          onFiles(files)
        }}
      />
    </>
  )
}
