import type { DerivedModel } from '../../shared/wire/api/derived-model.ts'

/** Shown for models whose own template is not a Go template. */
export const SHOWN_TEMPLATE = '{{ .Prompt }}'

const quoted = (text: string): string => (/[\n"]/.test(text) ? `"""${text}"""` : text)

/** Settings as Ollama shows them: one name and value per line. */
export function formatParameters(parameters: DerivedModel['parameters']): string {
  const linesOf = (name: string, value: unknown): string[] =>
    Array.isArray(value)
      ? value.flatMap((one: unknown) => linesOf(name, one))
      : value === null || value === undefined
        ? []
        : [`${name} ${JSON.stringify(value)}`]
  return Object.entries(parameters)
    .flatMap(([name, value]) => linesOf(name, value))
    .join('\n')
}

/** The Modelfile from which a model could be created again. */
export function formatModelfile(
  from: string,
  { system, template, parameters, messages, license }: Pick<DerivedModel, 'system' | 'template' | 'parameters' | 'messages' | 'license'>,
): string {
  const lines = [
    `FROM ${from}`,
    ...(template ? [`TEMPLATE ${quoted(template)}`] : []),
    ...(system ? [`SYSTEM ${quoted(system)}`] : []),
    ...formatParameters(parameters)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `PARAMETER ${line}`),
    ...messages.map(({ role, content }) => `MESSAGE ${role} ${quoted(content)}`),
    ...(license ? [`LICENSE ${quoted(license)}`] : []),
  ]
  return `${lines.join('\n')}\n`
}
