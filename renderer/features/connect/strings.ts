import { inLanguage } from '../../ui/language.ts'
export const connectStrings = inLanguage(
  {
    body:
      'Use the models of your machines in other tools. exo launch starts a tool that is set up already, and ' +
      'leaves its own settings as they are.',
    addresses: 'Addresses',
    apis: { openai: 'OpenAI', anthropic: 'Anthropic', ollama: 'Ollama' },
    key: 'API key',
    anyKey: 'any text works',
    model: 'Model',
    noModel: 'No model is here yet.',
    copy: (what: string) => `Copy ${what}`,
    tools: 'Tools',
    launch: 'In a terminal',
    byHand: (path: string | null) => (path === null ? 'Or by hand' : `Or by hand, in ${path}`),
    install: 'Not installed yet?',
    test: 'Test',
    testing: 'Testing…',
    answered: (seconds: string) => `Works. The model answered in ${seconds}:`,
    saidNothing: '(nothing)',
  },
  {
    body:
      'Die Modelle dieser Rechner in anderen Werkzeugen nutzen. exo launch startet ein Werkzeug fertig eingerichtet und ' +
      'lässt dessen eigene Einstellungen, wie sie sind.',
    addresses: 'Adressen',
    apis: { openai: 'OpenAI', anthropic: 'Anthropic', ollama: 'Ollama' },
    key: 'API-Schlüssel',
    anyKey: 'beliebiger Text',
    model: 'Modell',
    noModel: 'Noch ist kein Modell da.',
    copy: (what: string) => `${what} kopieren`,
    tools: 'Werkzeuge',
    launch: 'Im Terminal',
    byHand: (path: string | null) => (path === null ? 'Oder von Hand' : `Oder von Hand, in ${path}`),
    install: 'Noch nicht installiert?',
    test: 'Testen',
    testing: 'Testet …',
    answered: (seconds: string) => `Funktioniert. Das Modell hat in ${seconds} geantwortet:`,
    saidNothing: '(nichts)',
  },
)
