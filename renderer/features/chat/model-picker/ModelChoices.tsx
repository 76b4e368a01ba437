import { type ReactNode, useState } from 'react'
import { useClusterStore } from '../../../store/cluster-store.ts'
import { bytesText, shortModelName } from '../../../ui/format.ts'
import { Icon } from '../../../ui/Icon.tsx'
import { SearchList } from '../../../ui/SearchList.tsx'
import { ModelBadge } from '../../models/ModelBadge.tsx'
import type { OfferedModel } from '../../models/model-listing.ts'
import { findChoices, type ModelChoice, modelChoices } from './model-choices.ts'
import { pickerStrings } from './strings.ts'

export interface ModelChoicesProps {
  readonly models: readonly OfferedModel[]
  readonly modelId: string | null
  readonly onModel: (modelId: string) => void
  /** Leaves the picker for the view of all models. */
  readonly onLeave: () => void
}

/** The models that a chat can use, found by name, with their size, state and place. */
export function ModelChoices({ models, modelId, onModel, onLeave }: ModelChoicesProps): ReactNode {
  const [text, setText] = useState('')
  const view = useClusterStore((state) => state.view)
  return (
    <>
      <SearchList
        label={pickerStrings.search}
        placeholder={pickerStrings.search}
        text={text}
        onText={setText}
        items={findChoices(modelChoices(models, view), text)}
        startId={modelId}
        onChoose={({ id }) => onModel(id)}
        nothing={pickerStrings.nothing}
        renderItem={(choice) => <Choice choice={choice} isChosen={choice.id === modelId} />}
      />
      <a className="button" href="#/models" onClick={onLeave}>
        {pickerStrings.more}
      </a>
    </>
  )
}

function Choice({ choice, isChosen }: { readonly choice: ModelChoice; readonly isChosen: boolean }): ReactNode {
  const { id, loaded, weightBytes, status, machines } = choice
  const facts = [...(weightBytes === null ? [] : [bytesText(weightBytes)]), ...(machines.length === 0 ? [] : [machines.join(', ')])]
  return (
    <>
      <span className="model-choice" title={id}>
        <span className="model-choice-name">{shortModelName(id)}</span>
        <span className="muted small">{facts.join(' · ')}</span>
      </span>
      <ModelBadge model={{ loaded, isHere: false }} status={status} />
      {isChosen && (
        <>
          <Icon name="check" />
          <span className="visually-hidden">{pickerStrings.chosen}</span>
        </>
      )}
    </>
  )
}
