import type { DerivedModel } from '../../shared/wire/api/derived-model.ts'

/** What models show that have a template of their own, which is none of Go. */
export const SHOWN_TEMPLATE = '{{ .Prompt }}'

const quoted = (text: string): string => (/[\n"]/.test(text) ? `"""${text}"""` : text)

/** Settings as Ollama shows them: a name and a value on each line. */
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

/** The file that a model would be made again from. */
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
