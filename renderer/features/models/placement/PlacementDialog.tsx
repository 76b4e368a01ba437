import { Dialog } from 'radix-ui'
import { type ReactNode, useEffect, useId, useState } from 'react'
import { useShallow } from 'zustand/react/shallow'
import type { ModelCard } from '../../../../main/shared/models/model-card.ts'
import { reasonText } from '../../../client/error-text.ts'
import { useResource } from '../../../services/use-resource.ts'
import { useClusterStore } from '../../../store/cluster-store.ts'
import { selectNodeIds } from '../../../store/select-cluster.ts'
import { formatContext, memoryText, shortModelName } from '../../../ui/format.ts'
import { ErrorNote } from '../../../ui/Notice.tsx'
import { strings } from '../../../ui/strings.ts'
import { contextChoices } from '../context-choices.ts'
import { instanceStrings } from '../../instances/strings.ts'
import {
  cacheBytes,
  KV_BITS_CHOICES,
  type KvBitsChoice,
  kvBitsOfChoice,
  mainWays,
  PlacementPreviews,
  type PossibleWay,
  previewPath,
  splitWays,
  toWayRequest,
  type WayRequest,
} from './placement-preview.ts'
import { PlacementSpeed } from './PlacementSpeed.tsx'
import { PlacementPicture } from './PlacementPicture.tsx'
import { modelStrings } from '../strings.ts'

export interface PlacementDialogProps {
  readonly modelId: string
  readonly card: ModelCard | undefined
  readonly onClose: () => void
  readonly onLoad: (request: WayRequest) => void
}

/** The ways to split a model on the left; the machines as they fill, the context and its price on the right. */
export function PlacementDialog({ modelId, card, onClose, onLoad }: PlacementDialogProps): ReactNode {
  const labels = modelStrings.placement
  const [contextTokens, setContextTokens] = useState<number | null>(null)
  const [kvChoice, setKvChoice] = useState<KvBitsChoice>('')
  const [excludedIds, setExcludedIds] = useState<readonly string[]>([])
  const [chosenKey, setChosenKey] = useState<string | null>(null)
  const nodeIds = useClusterStore(useShallow(selectNodeIds))
  const contextId = useId()
  const choice = {
    contextTokens,
    kvBits: kvBitsOfChoice(kvChoice),
    nodeIds: excludedIds.length === 0 ? null : nodeIds.filter((nodeId) => !excludedIds.includes(nodeId)),
  }
  const { data: fetched, error, reload } = useResource(previewPath(modelId, choice), PlacementPreviews)
  // The dialog keeps its shape while the next previews come.
  const [data, setData] = useState(fetched)
  useEffect(() => {
    if (fetched !== null || error !== null) setData(fetched)
  }, [fetched, error])
  const { possible, impossible } = data ? splitWays(data) : { possible: [], impossible: [] }
  const { main, more } = mainWays(possible)
  const chosen = possible.find((way) => wayKey(way) === chosenKey) ?? main[0]
  const toggleNode = (nodeId: string): void =>
    setExcludedIds((before) => (before.includes(nodeId) ? before.filter((id) => id !== nodeId) : [...before, nodeId]))
  const wayList = (ways: readonly PossibleWay[]): ReactNode =>
    ways.map((way) => (
      <Way key={wayKey(way)} way={way} isBest={way === main[0]} isChosen={way === chosen} onChoose={() => setChosenKey(wayKey(way))} />
    ))
  return (
    <Dialog.Root open onOpenChange={(isOpen) => isOpen || onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog dialog-wide">
          <Dialog.Title>{labels.title(shortModelName(modelId))}</Dialog.Title>
          <Dialog.Description>{labels.body}</Dialog.Description>
          {error && <ErrorNote message={error.message} onRetry={reload} />}
          {data === null && !error && <p className="muted">{strings.common.loading}</p>}
          <div className="placement">
            <div className="placement-ways">
              <div role="radiogroup" aria-label={labels.ways}>
                {wayList(main)}
                {more.length > 0 && (
                  <details className="fold" open={more.some((way) => way === chosen)}>
                    <summary>{labels.more(more.length)}</summary>
                    {wayList(more)}
                  </details>
                )}
              </div>
              {chosen && chosen.fallbacks.length > 0 && (
                <details className="fold">
                  <summary>{labels.whySlower}</summary>
                  {chosen.fallbacks.map(({ from, to, reason }) => (
                    <p key={from} className="muted small">
                      {labels.fallback(from, to)} {reasonText(reason)}
                    </p>
                  ))}
                </details>
              )}
              {impossible.length > 0 && (
                <details className="fold" open={possible.length === 0}>
                  <summary>{possible.length === 0 ? labels.whyNone : labels.whyNot}</summary>
                  {impossible.map(({ reason, ways }) => (
                    <p key={reason} className="small">
                      <b>{[...new Set(ways.map(wayName))].join(', ')}</b> <span className="muted">{reasonText(reason)}</span>
                    </p>
                  ))}
                </details>
              )}
            </div>
            <div className="placement-right">
              <PlacementPicture nodeIds={nodeIds} excludedIds={excludedIds} way={chosen ?? null} onToggle={toggleNode} />
              <div className="context-choice">
                <label htmlFor={contextId}>{labels.context}</label>
                <select
                  id={contextId}
                  className="select"
                  value={contextTokens ?? ''}
                  onChange={(event) => setContextTokens(event.target.value === '' ? null : Number(event.target.value))}
                >
                  <option value="">
                    {chosen?.contextTokens !== undefined && contextTokens === null
                      ? labels.contextAutomaticOf(formatContext(chosen.contextTokens))
                      : labels.contextAutomatic}
                  </option>
                  {card &&
                    contextChoices(card.contextTokens).map((tokens) => (
                      <option key={tokens} value={tokens}>
                        {formatContext(tokens)}
                      </option>
                    ))}
                </select>
                {chosen && <span className="muted small number-text">{labels.contextPrice(memoryText(cacheBytes(chosen)))}</span>}
              </div>
              <div className="context-choice">
                <label htmlFor={`${contextId}kv`}>{labels.kvCache}</label>
                <select
                  id={`${contextId}kv`}
                  className="select"
                  value={kvChoice}
                  onChange={(event) => setKvChoice(KV_BITS_CHOICES.find((bits) => bits === event.target.value) ?? '')}
                >
                  {KV_BITS_CHOICES.map((bits) => (
                    <option key={bits} value={bits}>
                      {labels.kvBits[bits]}
                    </option>
                  ))}
                </select>
              </div>
              {chosen?.speed && <PlacementSpeed speed={chosen.speed} />}
            </div>
          </div>
          <div className="dialog-actions dialog-foot">
            <Dialog.Close className="button">{strings.common.cancel}</Dialog.Close>
            <button
              type="button"
              className="button button-primary"
              disabled={!chosen || fetched === null}
              onClick={() => chosen && onLoad(toWayRequest(chosen, choice))}
            >
              {modelStrings.load}
            </button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

const wayKey = ({ strategy, backend, jacclRing, shards }: PossibleWay): string => `${strategy} ${backend} ${jacclRing} ${shards.length}`

const wayName = ({ strategy, backend }: Pick<PossibleWay, 'strategy' | 'backend'>): string =>
  backend === 'local' ? instanceStrings.backend.local : `${instanceStrings.strategy[strategy]}, ${instanceStrings.backend[backend]}`

interface WayProps {
  readonly way: PossibleWay
  readonly isBest: boolean
  readonly isChosen: boolean
  readonly onChoose: () => void
}

function Way({ way, isBest, isChosen, onChoose }: WayProps): ReactNode {
  const labels = modelStrings.placement
  const { backend, strategy, jacclRing, shards } = way
  const cables = backend === 'jaccl' ? ` (${jacclRing ? labels.ring : labels.mesh})` : ''
  return (
    <label className="way" data-chosen={isChosen}>
      <input type="radio" name="way" checked={isChosen} onChange={onChoose} />
      <span className="way-name">
        <b>{strings.common.machines(shards.length)}</b>
        {backend !== 'local' && (
          <span className="muted small">
            {instanceStrings.strategy[strategy]}, {instanceStrings.backend[backend]}
            {cables}
          </span>
        )}
      </span>
      {isBest && <span className="badge badge-accent">{labels.recommended}</span>}
    </label>
  )
}
