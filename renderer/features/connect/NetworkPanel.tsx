import { Dialog, Switch } from 'radix-ui'
import { type ReactNode, useId, useState } from 'react'
import { z } from 'zod'
import { NewTokenAnswer, TokensAnswer } from '../../../main/shared/wire/api/api-tokens.ts'
import { SettingsAnswer } from '../../../main/shared/wire/api/node-settings.ts'
import { useServices } from '../../services/services.ts'
import { useResource } from '../../services/use-resource.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { ErrorNote } from '../../ui/Notice.tsx'
import { strings } from '../../ui/strings.ts'
import { useAction } from '../../ui/use-action.ts'
import { Panel } from '../../ui/View.tsx'
import { QrCode } from './QrCode.tsx'
import { connectStrings } from './strings.ts'

const labels = connectStrings.network

/** Puts this node on the network, connects phones by a code, and takes their access back. */
export function NetworkPanel(): ReactNode {
  const { api } = useServices()
  const connection = useClusterStore((state) => state.connection)
  const settings = useResource('/settings', SettingsAnswer, connection)
  const action = useAction()
  const id = useId()
  const { data } = settings
  const change = (isOnNetwork: boolean): void =>
    action.run(async () => {
      await api.post('/settings', { isOnNetwork }, SettingsAnswer)
      settings.reload()
    })
  return (
    <Panel title={labels.title}>
      <div className="network-switch">
        <label htmlFor={id}>{labels.serve}</label>
        <Switch.Root
          id={id}
          className="switch"
          aria-describedby={`${id}-body`}
          disabled={data === null || action.isRunning}
          checked={data?.chosen.isOnNetwork === true}
          onCheckedChange={change}
        >
          <Switch.Thumb className="switch-thumb" />
        </Switch.Root>
      </div>
      <p id={`${id}-body`} className="muted">
        {labels.body}
      </p>
      {(action.error ?? settings.error?.message) && <ErrorNote message={action.error ?? settings.error?.message ?? ''} />}
      {data && <NetworkState settings={data} />}
    </Panel>
  )
}

function NetworkState({ settings: { chosen, inUse } }: { readonly settings: SettingsAnswer }): ReactNode {
  const { host } = useServices()
  const isWanted = chosen.isOnNetwork === true
  return (
    <>
      {isWanted !== inUse.isOnNetwork && (
        <p className="note" role="status">
          {inUse.isOnNetwork && chosen.isOnNetwork === null ? labels.overridden : isWanted ? labels.restartOn : labels.restartOff}
          {host.shell && chosen.isOnNetwork !== null && (
            <button type="button" className="button" onClick={() => void host.shell?.call('restart-node')}>
              {labels.restart}
            </button>
          )}
        </p>
      )}
      {inUse.isOnNetwork &&
        (inUse.networkUrls[0] === undefined ? <p className="note">{labels.noAddress}</p> : <Devices urls={inUse.networkUrls} />)}
    </>
  )
}

function Devices({ urls }: { readonly urls: readonly string[] }): ReactNode {
  const { api } = useServices()
  const tokens = useResource('/tokens', TokensAnswer)
  const action = useAction()
  const [link, setLink] = useState<string | null>(null)
  const connectPhone = (): void =>
    action.run(async () => {
      const name = `phone-${new Date().toISOString().slice(0, 19).replaceAll(':', '.')}`
      const { token } = await api.post('/tokens', { name, rights: 'admin' }, NewTokenAnswer)
      setLink(`${urls[0]}/dashboard#token=${token}`)
      tokens.reload()
    })
  const revoke = (name: string): void =>
    action.run(async () => {
      await api.delete(`/tokens/${encodeURIComponent(name)}`, z.unknown())
      tokens.reload()
    })
  return (
    <>
      <dl className="connect-facts">
        {urls.map((url) => (
          <div key={url} className="connect-fact">
            <dt>{labels.address}</dt>
            <dd className="copy-row">
              <code>{url}</code>
              <CopyButton label={connectStrings.copy(url)} text={() => url} />
            </dd>
          </div>
        ))}
      </dl>
      <button type="button" className="button button-primary" disabled={action.isRunning} onClick={connectPhone}>
        {labels.connectPhone}
      </button>
      {action.error !== null && <ErrorNote message={action.error} />}
      {(tokens.data?.tokens.length ?? 0) > 0 && (
        <>
          <h3>{labels.tokens}</h3>
          <ul className="token-list">
            {tokens.data?.tokens.map(({ name, rights }) => (
              <li key={name}>
                <span>{name}</span>
                <span className="muted">{labels.rights[rights]}</span>
                <button
                  type="button"
                  className="icon-button"
                  aria-label={labels.revoke(name)}
                  title={labels.revoke(name)}
                  onClick={() => revoke(name)}
                >
                  <Icon name="trash" />
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      <Dialog.Root open={link !== null} onOpenChange={(isOpen) => isOpen || setLink(null)}>
        <Dialog.Portal>
          <Dialog.Overlay className="overlay" />
          <Dialog.Content className="dialog dialog-small">
            <Dialog.Title>{labels.scan}</Dialog.Title>
            <Dialog.Description>{labels.scanBody}</Dialog.Description>
            {link !== null && (
              <>
                <QrCode text={link} label={labels.link} />
                <div className="copy-row">
                  <code>{link}</code>
                  <CopyButton label={connectStrings.copy(labels.link)} text={() => link} />
                </div>
              </>
            )}
            <div className="dialog-actions">
              <Dialog.Close className="button button-primary">{strings.common.close}</Dialog.Close>
            </div>
          </Dialog.Content>
        </Dialog.Portal>
      </Dialog.Root>
    </>
  )
}
