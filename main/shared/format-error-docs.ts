import { ERROR_GROUPS, type ErrorFacts } from './error-codes.ts'

/** The text of docs/errors.md, from the table of error codes. */
export function formatErrorDocs(): string {
  const head = [
    '# Error codes',
    '',
    '<!-- Written by `node setup/generate/write-error-docs.mjs` from main/shared/error-codes.ts: change the table there. -->',
    '',
    'Every error has a code for programs and a message that tells people what to do. The log and the command line show the code;',
    "the API answers with the status and, as `error.code`, with the API's code. *Retry* says whether the same request can succeed a",
    'little later without any other change. The API then sends `Retry-After` with status 429 or 503.',
  ]
  const tables = Object.entries<Readonly<Record<string, ErrorFacts>>>(ERROR_GROUPS).map(([heading, group]) =>
    [
      '',
      `## ${heading}`,
      '',
      "| code | API's code | status | retry | what happened |",
      '| --- | --- | --- | --- | --- |',
      ...Object.entries(group).map(([code, facts]) => formatRow(code, facts)),
    ].join('\n'),
  )
  return `${[...head, ...tables].join('\n')}\n`
}

function formatRow(code: string, { api = code.replaceAll('-', '_'), status, retry, means }: ErrorFacts): string {
  return `| \`${code}\` | \`${api}\` | ${status} | ${retry ? 'yes' : 'no'} | ${means} |`
}
