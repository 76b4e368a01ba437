import { type Command, Option } from 'commander'
import { openApiTokens } from '../../node/files/api-tokens.ts'
import { findOwnNode } from '../../node/files/node-file.ts'
import { systemClock } from '../../platform/clock.ts'
import { systemRandom } from '../../platform/random.ts'
import { NewTokenAnswer, TokenName, type TokenListing, type TokenRights, TokensAnswer } from '../../shared/wire/api/api-tokens.ts'
import { listingText } from '../listings/listings.ts'
import { createNodeClient } from '../node-client.ts'
import { dataDirOf, dataDirOption } from '../node-options.ts'
import { formatTable } from '../text/table.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import { parseSaid } from '../../shared/wire/peer/parse-tolerantly.ts'

interface Tokens {
  list(): Promise<readonly TokenListing[]>
  create(name: string, rights: TokenRights): Promise<NewTokenAnswer>
  revoke(name: string): Promise<unknown>
}

/** The tokens through the running node, so that changes take effect at once; without a node, from its data folder. */
async function tokensOf(dataDir: string): Promise<Tokens> {
  const node = await findOwnNode(dataDir)
  if (!node) {
    const kept = await openApiTokens(dataDir, { random: systemRandom, clock: systemClock })
    return { list: async () => kept.list(), create: kept.create, revoke: kept.revoke }
  }
  const client = createNodeClient(node.apiUrl, node.apiToken)
  return {
    list: async () => parseSaid(TokensAnswer, await client.get('/tokens')).tokens,
    create: async (name, rights) => parseSaid(NewTokenAnswer, await client.post('/tokens', { name, rights })),
    revoke: (name) => client.delete(`/tokens/${encodeURIComponent(name)}`),
  }
}

function requireName(name: string): string {
  const parsed = TokenName.safeParse(name)
  if (!parsed.success) throw new UsageError(parsed.error.issues[0]?.message ?? 'Invalid name.')
  return name
}

/** `exo tokens`: the programs that may call this node's API, each with a token of its own. */
export function addTokensCommand(program: Command, terminal: Terminal): void {
  const tokens = program
    .command('tokens')
    .description('manage named tokens for programs that call this node')
    .option('--json', 'print JSON')
    .addOption(dataDirOption())
    .action(async (flags: { json?: true; dataDir?: string }) => {
      const listed = await (await tokensOf(dataDirOf(program, flags))).list()
      if (flags.json) return terminal.line(listingText('tokens', { tokens: listed }))
      if (listed.length === 0) return terminal.line('No named tokens yet. To create one: exo tokens new NAME')
      terminal.line(formatTable([['NAME', 'RIGHTS', 'MADE'], ...listed.map(({ name, rights, createdAt }) => [name, rights, createdAt])]))
    })
  const dataDir = (flags: { dataDir?: string }): string =>
    dataDirOf(program, { dataDir: flags.dataDir ?? tokens.opts<{ dataDir?: string }>().dataDir })
  tokens
    .command('new')
    .argument('<name>')
    .description('create a token and print it; it is shown only once')
    .addOption(
      new Option('--rights <rights>', 'inference: list models and send requests; admin: full access')
        .choices(['inference', 'admin'])
        .default('inference'),
    )
    .option('--json', 'print JSON')
    .addOption(dataDirOption())
    .action(async (name: string, flags: { rights: TokenRights; json?: true; dataDir?: string }) => {
      const made = await (await tokensOf(dataDir(flags))).create(requireName(name), flags.rights)
      terminal.line(flags.json || tokens.opts<{ json?: true }>().json ? listingText('tokens new', made) : made.token)
    })
  tokens
    .command('revoke')
    .argument('<name>')
    .description('revoke a token')
    .addOption(dataDirOption())
    .action(async (name: string, flags: { dataDir?: string }) => {
      await (await tokensOf(dataDir(flags))).revoke(requireName(name))
      terminal.line(`${name} is revoked.`)
    })
}
