export const connectStrings = {
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
}
