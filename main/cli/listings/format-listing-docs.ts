import { ClusterView, InstanceView, LinkView, NodeView, ShardView } from '../../shared/cluster-view.ts'
import { formatSchema, type NamedSchemas } from '../../shared/formats/format-schema.ts'
import { DownloadView } from '../../shared/models/download.ts'
import { ModelCard } from '../../shared/models/model-card.ts'
import { type Listing, LISTINGS } from './listings.ts'

/** Schemas that several listings share. */
const NAMED: NamedSchemas = { ModelCard, ClusterView, NodeView, LinkView, InstanceView, ShardView, DownloadView }

/** The text of docs/listings.md, from the table of listings. */
export function formatListingDocs(): string {
  const listings: readonly (readonly [string, Listing])[] = Object.entries(LISTINGS)
  return `${[
    '# Listings as JSON',
    '',
    '<!-- Written by `node setup/generate/write-listing-docs.mjs` from main/cli/listings/listings.ts: edit that. -->',
    '',
    'Every command that lists something prints it as JSON with `--json`. Later versions may add fields, but none changes its meaning.',
    'A command that fails prints nothing to stdout, one line to stderr, and ends with status 1 or 2.',
    '',
    'With `--watch`, `exo ps`, `exo cluster status`, `exo links` and `exo members` show their listing again every second. With both,',
    'each change is printed as one line of JSON.',
    ...listings.flatMap(([name, { schema, means }]) => ['', `## exo ${name}`, '', means, '', ...block(formatSchema(schema, NAMED))]),
    '',
    '## Shared types',
    ...Object.entries(NAMED).flatMap(([name, schema]) => ['', `### ${name}`, '', ...block(formatSchema(schema, NAMED, name))]),
  ].join('\n')}\n`
}

function block(text: string): string[] {
  return ['```ts', text, '```']
}
