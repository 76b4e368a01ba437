import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { useServices } from '../../services/services.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { ThemeChoice, useSettingsStore } from '../../store/settings-store.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { ErrorNote } from '../../ui/Notice.tsx'
import { chooseLanguage, chosenLanguage, type Language, LANGUAGES } from '../../ui/language.ts'
import { Panel, View } from '../../ui/View.tsx'
import { strings } from '../../ui/strings.ts'
import { settingsStrings } from './strings.ts'
import { AppPanel } from './AppPanel.tsx'
import { ChatSettingsPanel } from './ChatSettingsPanel.tsx'
import { ClusterSettings } from './ClusterSettings.tsx'
import { MachineSettings } from './MachineSettings.tsx'

/** Each in its own language. */
const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' }

export function SettingsView(): ReactNode {
  const { host } = useServices()
  const theme = useSettingsStore((settings) => settings.theme)
  const version = useClusterStore(
    (state) => Object.entries(state.view?.nodes ?? {}).find(([nodeId]) => nodeId === state.view?.nodeId)?.[1].version,
  )
  const isRefused = useClusterStore((state) => state.connection === 'refused')
  const labels = settingsStrings
  const baseUrl = `${host.apiUrl}/v1`
  return (
    <View title={strings.routes.settings}>
      {isRefused && (
        <Panel title={labels.token}>
          <TokenForm />
        </Panel>
      )}
      <Panel title={labels.theme}>
        <div className="segments" role="group" aria-label={labels.theme}>
          {ThemeChoice.options.map((choice) => (
            <button key={choice} type="button" aria-pressed={theme === choice} onClick={() => useSettingsStore.setState({ theme: choice })}>
              {labels.themes[choice]}
            </button>
          ))}
        </div>
      </Panel>
      <Panel title={labels.language}>
        <div className="segments" role="group" aria-label={labels.language}>
          {[null, ...LANGUAGES].map((name) => (
            <button
              key={name}
              type="button"
              lang={name ?? undefined}
              aria-pressed={chosenLanguage() === name}
              onClick={() => chooseLanguage(name)}
            >
              {name === null ? labels.systemLanguage : LANGUAGE_NAMES[name]}
            </button>
          ))}
        </div>
      </Panel>
      <ClusterSettings />
      <MachineSettings />
      <ChatSettingsPanel />
      {host.shell && <AppPanel shell={host.shell} />}
      <Panel title={labels.api}>
        <p className="muted">{labels.apiBody}</p>
        <div className="copy-row">
          <code>{baseUrl}</code>
          <CopyButton label={labels.copyUrl} text={() => baseUrl} />
        </div>
      </Panel>
      {!isRefused && (
        <Panel title={labels.token}>
          <TokenForm />
        </Panel>
      )}
      <Panel title={labels.about}>
        <p>
          {labels.version} {version}
        </p>
        <p className="muted">
          {labels.documentation} <a href="/openapi.json">/openapi.json</a>
        </p>
        <button type="button" className="button" onClick={() => useSettingsStore.setState({ isIntroduced: false })}>
          {labels.introduction}
        </button>
      </Panel>
    </View>
  )
}

function TokenForm(): ReactNode {
  const kept = useSettingsStore((settings) => settings.apiToken)
  const isRefused = useClusterStore((state) => state.connection === 'refused')
  const field = useRef<HTMLInputElement>(null)
  const [token, setToken] = useState('')
  useEffect(() => {
    if (isRefused) field.current?.focus()
  }, [isRefused])
  const id = useId()
  const labels = settingsStrings
  return (
    <form
      className="inline-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (token.trim() !== '') useSettingsStore.setState({ apiToken: token.trim() })
        setToken('')
      }}
    >
      <label htmlFor={id} className="muted">
        {labels.tokenBody}
      </label>
      <input
        ref={field}
        id={id}
        className="input"
        type="password"
        autoComplete="off"
        placeholder={kept === null ? '' : '••••••••'}
        value={token}
        onChange={(event) => setToken(event.target.value)}
      />
      <button type="submit" className="button button-primary" disabled={token.trim() === ''}>
        {labels.tokenSave}
      </button>
      {kept !== null && (
        <button type="button" className="button" onClick={() => useSettingsStore.setState({ apiToken: null })}>
          {labels.tokenForget}
        </button>
      )}
      {isRefused && kept !== null && token === '' && <ErrorNote message={labels.tokenWrong} />}
    </form>
  )
}
