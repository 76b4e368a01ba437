import type { CSSProperties, ReactNode } from 'react'
import { z } from 'zod'
import type { InstanceView, ShardView } from '../../../main/shared/cluster-view.ts'
import { reasonText } from '../../client/error-text.ts'
import { useServices } from '../../services/services.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectInstance, selectNode, wattsOf } from '../../store/select-cluster.ts'
import { ConfirmButton } from '../../ui/ConfirmButton.tsx'
import { bytesText, memoryText, formatRate, shortModelName } from '../../ui/format.ts'
import { ErrorNote } from '../../ui/Notice.tsx'
import { StackedBar } from '../../ui/StackedBar.tsx'
import { strings } from '../../ui/strings.ts'
import { throughputStrings } from '../throughput/strings.ts'
import { instanceStrings } from './strings.ts'
import { useAction } from '../../ui/use-action.ts'

const tones = { ready: 'badge-success', loading: 'badge-accent', recovering: 'badge-warning', failed: 'badge-danger' } as const

/** One loaded model: its name, its speed, and where its layers run. */
export function InstancePanel({ instanceId }: { readonly instanceId: string }): ReactNode {
  const instance = useClusterStore(selectInstance(instanceId))
  const { api } = useServices()
  const unload = useAction()
  if (!instance) return null
  const labels = instanceStrings
  const name = shortModelName(instance.modelId)
  const layerCount = Math.max(...instance.shards.map(({ layers }) => layers.end))
  return (
    <section className="panel" aria-label={name}>
      <div className="panel-head">
        <div>
          <h2>
            {name} <span className={`badge ${tones[instance.status]}`}>{labels.status[instance.status]}</span>
          </h2>
          <p className="muted small">
            {[
              ...(instance.backend === 'local' ? [] : [labels.strategy[instance.strategy]]),
              labels.backend[instance.backend],
              instance.modelId,
            ].join(' · ')}
          </p>
        </div>
        <div className="instance-aside">
          <Rate label={labels.decode} value={instance.decodeTokensPerSecond} />
          <Rate label={labels.prefill} value={instance.prefillTokensPerSecond} />
          <PerWatt instance={instance} />
          {instance.running !== undefined && (
            <p className="rate">
              <b className="number-text">{instance.running}</b>
              <span className="muted small">{labels.requests(instance.waiting ?? 0)}</span>
            </p>
          )}
          <ConfirmButton
            trigger={
              <button type="button" className="button" disabled={unload.isRunning}>
                {labels.unload}
              </button>
            }
            title={labels.unloadTitle(name)}
            body={labels.unloadBody}
            confirm={labels.unload}
            onConfirm={() => unload.run(() => api.delete(`/instance/${encodeURIComponent(instanceId)}`, z.unknown()))}
          />
        </div>
      </div>
      {unload.error !== null && <ErrorNote message={unload.error} />}
      <Reasons status={instance.status} reasons={instance.reasons ?? []} />
      <ol className="shards">
        {[...instance.shards]
          .sort((first, second) => first.stage - second.stage || first.rank - second.rank)
          .map((shard) => (
            <ShardRow key={shard.rank} shard={shard} instance={instance} layerCount={layerCount} />
          ))}
      </ol>
    </section>
  )
}

/** The reason of the present state; what went wrong before is folded away, each reason once. */
function Reasons({ status, reasons }: { readonly status: InstanceView['status']; readonly reasons: readonly string[] }): ReactNode {
  const isOver = status === 'ready' || status === 'loading'
  const current = isOver ? undefined : reasons.at(-1)
  const earlier = [...new Set(reasons)].filter((reason) => reason !== current)
  return (
    <>
      {current !== undefined && <p className={`note ${status === 'failed' ? 'note-danger' : 'note-warning'}`}>{reasonText(current)}</p>}
      {earlier.length > 0 && (
        <details className="fold">
          <summary>{instanceStrings.earlier(earlier.length)}</summary>
          {earlier.map((reason) => (
            <p key={reason} className="muted small">
              {reasonText(reason)}
            </p>
          ))}
        </details>
      )}
    </>
  )
}

function Rate({ label, value }: { readonly label: string; readonly value: number | null }): ReactNode {
  return (
    <p className="rate">
      <b className="number-text">{formatRate(value === 0 ? null : value)}</b>
      <span className="muted small">
        {label} {throughputStrings.unit}
      </span>
    </p>
  )
}

/** Shown while it answers, where all of its machines tell their power. */
function PerWatt({ instance: { shards, running = 0, decodeTokensPerSecond } }: { readonly instance: InstanceView }): ReactNode {
  const nodeIds = shards.map(({ nodeId }) => nodeId)
  const watts = useClusterStore(({ view }) => wattsOf(view, nodeIds))
  if (running === 0 || decodeTokensPerSecond === null || watts === null || watts === 0) return null
  return (
    <p className="rate">
      <b className="number-text">{(decodeTokensPerSecond / watts).toFixed(2)}</b>
      <span className="muted small">{instanceStrings.perWatt}</span>
    </p>
  )
}

function ShardRow({
  shard,
  instance,
  layerCount,
}: {
  readonly shard: ShardView
  readonly instance: InstanceView
  readonly layerCount: number
}): ReactNode {
  const node = useClusterStore(selectNode(shard.nodeId))
  const labels = instanceStrings
  const isTensor = instance.strategy === 'tensor'
  const place = {
    '--start': shard.layers.start / layerCount,
    '--share': (shard.layers.end - shard.layers.start) / layerCount,
  } as CSSProperties
  const isLoading = shard.status === 'loading'
  const isReady = shard.status === 'ready'
  const download = useClusterStore(({ view }) =>
    isReady ? undefined : view?.downloads.find(({ modelId, nodeId }) => modelId === instance.modelId && nodeId === shard.nodeId),
  )
  const loadedRatio = shard.loadedRatio ?? 0
  const memoryBytes = node?.totalBytes ?? 0
  const kvBytes = shard.kvBytes ?? 0
  return (
    <li className="shard">
      <div className="shard-name">
        <b>{node?.name ?? labels.gone}</b>
        <span className="muted small">
          {labels.rank(shard.rank)} · {labels.shardStatus[shard.status] ?? shard.status}
        </span>
      </div>
      <div className="shard-layers">
        <div className="layer-track" aria-hidden="true">
          <span className="layer-range" data-loading={!isReady} style={place} />
        </div>
        <span className="small">
          {isTensor ? labels.share(instance.shards.length) : labels.layers(shard.layers.start, shard.layers.end)}
        </span>
      </div>
      <div className="shard-memory">
        {download ? (
          <progress
            className="progress"
            aria-label={labels.downloadingTo(node?.name ?? labels.gone)}
            max={Math.max(1, download.totalBytes)}
            value={download.doneBytes}
          />
        ) : isLoading ? (
          <progress className="progress" aria-label={labels.loadingOf(node?.name ?? labels.gone)} max={1} value={loadedRatio} />
        ) : (
          <StackedBar
            label={
              `${labels.weights} ${memoryText(shard.residentBytes)}, ${labels.kvCache} ${memoryText(kvBytes)} ` +
              `${strings.common.of} ${memoryText(memoryBytes)}`
            }
            total={memoryBytes}
            parts={[
              { name: 'weights', value: shard.residentBytes, tone: 'accent' },
              { name: 'kv', value: kvBytes, tone: 'success' },
            ]}
          />
        )}
        <span className="small muted number-text">
          {download
            ? labels.downloadedOf(bytesText(download.doneBytes), bytesText(download.totalBytes))
            : isLoading
              ? labels.loadedOf(Math.round(loadedRatio * 100), memoryText(shard.weightBytes))
              : labels.held(memoryText(shard.residentBytes), memoryText(kvBytes), memoryText(memoryBytes))}
        </span>
      </div>
    </li>
  )
}
