import { type KeyboardEvent, type ReactNode, useId, useState } from 'react'

export interface SearchListProps<Item extends { readonly id: string }> {
  /** Of the field and of the list. */
  readonly label: string
  readonly placeholder: string
  readonly text: string
  readonly onText: (text: string) => void
  readonly items: readonly Item[]
  /** The item that is marked first; the first one if it is not there. */
  readonly startId?: string | null
  readonly onChoose: (item: Item) => void
  readonly renderItem: (item: Item) => ReactNode
  /** Shown instead of an empty list. */
  readonly nothing: string
}

/** A field with the items that its text finds. The arrow keys mark one, and Enter chooses it. */
export function SearchList<Item extends { readonly id: string }>({
  label,
  placeholder,
  text,
  onText,
  items,
  startId = null,
  onChoose,
  renderItem,
  nothing,
}: SearchListProps<Item>): ReactNode {
  const listId = useId()
  const [markedId, setMarkedId] = useState(startId)
  const marked = Math.max(
    0,
    items.findIndex(({ id }) => id === markedId),
  )
  const mark = (index: number): void => setMarkedId(items[(index + items.length) % Math.max(1, items.length)]?.id ?? null)
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return
    const item = items[marked]
    if (event.key === 'Enter') {
      if (item) onChoose(item)
    } else if (event.key === 'ArrowDown') mark(marked + 1)
    else if (event.key === 'ArrowUp') mark(marked - 1)
    else return
    event.preventDefault()
  }
  return (
    <>
      <input
        className="input"
        // It may appear after the popover that holds it, which then no longer gives it the focus.
        autoFocus
        role="combobox"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={items.length > 0 ? `${listId}${marked}` : undefined}
        aria-label={label}
        placeholder={placeholder}
        value={text}
        onChange={(event) => {
          onText(event.target.value)
          setMarkedId(null)
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={listId} className="search-list" role="listbox" aria-label={label}>
        {items.map((item, index) => (
          <li
            key={item.id}
            id={`${listId}${index}`}
            role="option"
            aria-selected={index === marked}
            ref={(element) => {
              if (index === marked) element?.scrollIntoView({ block: 'nearest' })
            }}
            onMouseMove={() => setMarkedId(item.id)}
            onClick={() => onChoose(item)}
          >
            {renderItem(item)}
          </li>
        ))}
      </ul>
      {items.length === 0 && <p className="muted">{nothing}</p>}
    </>
  )
}
