import { type ReactNode, useId, useState } from 'react'
import { connectTools } from '../../../main/shared/connect/connect-tools.ts'
import { modelCalled, pickModel } from '../../../main/shared/connect/pick-model.ts'
import { WireModelList } from '../../../main/shared/wire/api/openai-models.ts'
import { useServices } from '../../services/services.ts'
import { useResource } from '../../services/use-resource.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { useSettingsStore } from '../../store/settings-store.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { ErrorNote } from '../../ui/Notice.tsx'
import { Panel, View } from '../../ui/View.tsx'
import { strings } from '../../ui/strings.ts'
import { connectStrings as labels } from './strings.ts'
import { NetworkPanel } from './NetworkPanel.tsx'
import { ToolCard } from './ToolCard.tsx'

/** The API ignores the key where it asks for none. */
const ANY_KEY = 'unused'
const DEMANDING = { needsTools: true, minContextTokens: 16_384 }
const LENIENT = { needsTools: false, minContextTokens: 0 }

/** How other tools use this node: addresses, key, model, and each tool's settings with a test. */
export function ConnectView(): ReactNode {
  const { host } = useServices()
  const instances = useClusterStore((state) => Object.keys(state.view?.instances ?? {}).join())
  const { data, error, reload } = useResource('/v1/models', WireModelList, instances)
  const token = useSettingsStore((settings) => settings.apiToken)
  const [chosen, setChosen] = useState<string | null>(null)
  const selectId = useId()
  const models = data?.data ?? []
  const model = (chosen === null ? null : modelCalled(models, chosen)) ?? pickModel(models, DEMANDING) ?? pickModel(models, LENIENT)
  const addresses = [
    [labels.apis.openai, `${host.apiUrl}/v1`],
    [labels.apis.anthropic, host.apiUrl],
    [labels.apis.ollama, host.apiUrl],
  ] as const
  return (
    <View title={strings.routes.connect} body={labels.body}>
      {error && <ErrorNote message={error.message} onRetry={reload} />}
      <Panel title={labels.addresses}>
        <dl className="connect-facts">
          {addresses.map(([name, address]) => (
            <Fact key={name} name={name} value={address} />
          ))}
          <Fact name={labels.key} value={token ?? ANY_KEY} shown={token === null ? `${ANY_KEY} (${labels.anyKey})` : '••••••••'} />
          <dt>
            <label htmlFor={selectId}>{labels.model}</label>
          </dt>
          <dd className="copy-row">
            {model === null ? (
              <span className="muted">{labels.noModel}</span>
            ) : (
              <>
                <select id={selectId} className="select" value={model.id} onChange={(event) => setChosen(event.target.value)}>
                  {models.map(({ id }) => (
                    <option key={id}>{id}</option>
                  ))}
                </select>
                <CopyButton label={labels.copy(labels.model)} text={() => model.id} />
              </>
            )}
          </dd>
        </dl>
      </Panel>
      <NetworkPanel />
      {model && (
        <section className="tool-cards" aria-label={labels.tools}>
          {connectTools.map((tool) => (
            <ToolCard key={tool.id} tool={tool} model={model} apiUrl={host.apiUrl} apiKey={token ?? ANY_KEY} />
          ))}
        </section>
      )}
    </View>
  )
}

function Fact({ name, value, shown = value }: { readonly name: string; readonly value: string; readonly shown?: string }): ReactNode {
  return (
    <>
      <dt>{name}</dt>
      <dd className="copy-row">
        <code>{shown}</code>
        <CopyButton label={labels.copy(name)} text={() => value} />
      </dd>
    </>
  )
}
