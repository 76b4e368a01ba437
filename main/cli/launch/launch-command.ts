import type { Command } from 'commander'
import { mkdir, readFile, realpath, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { findOwnNode } from '../../node/files/node-file.ts'
import { replaceFile } from '../../platform/files/replace-file.ts'
import { AppError } from '../../shared/app-error.ts'
import { connectTools } from '../../shared/connect/connect-tools.ts'
import type { ConnectTarget, ConnectTool } from '../../shared/connect/connect-tool.ts'
import { fillInText } from '../../shared/connect/fill-in.ts'
import { lacksOf, modelCalled, pickModel } from '../../shared/connect/pick-model.ts'
import { WireModelList, type WireModel } from '../../shared/wire/api/openai-models.ts'
import { parseSaid } from '../../shared/wire/peer/parse-tolerantly.ts'
import { ExitStatus } from '../exit-status.ts'
import { mergeSettings } from './merge-settings.ts'
import { findTool, startTool } from './start-tool.ts'
import { createNodeClient } from '../node-client.ts'
import { dataDirOf, dataDirOption } from '../node-options.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'

interface LaunchFlags {
  readonly model?: string
  readonly write?: true
  readonly dataDir?: string
}

/** `exo launch TOOL`: starts a tool that uses this node, without touching the user's own configuration. */
export function addLaunchCommand(program: Command, terminal: Terminal): void {
  program
    .command('launch')
    .argument('<tool>', connectTools.map(({ id }) => id).join(', '))
    .argument('[arguments...]', "the tool's own arguments; after -- if exo has options of the same name")
    .description('start a tool, such as a coding agent, that uses this node')
    .option('--model <model>', 'the model to use; by default one that can do what the tool needs')
    .option('--write', "write the settings to the tool's own configuration instead, with a backup")
    .addOption(dataDirOption())
    .allowUnknownOption(true)
    .action(async (id: string, toolArguments: string[], flags: LaunchFlags, command: Command) => {
      // Options of tools are unknown here, so the parser passes them on.
      if (id.startsWith('-')) command.error(`error: unknown option '${id}'`)
      const tool = toolCalled(id)
      const target = await targetOf(tool, dataDirOf(program, flags), flags.model, terminal)
      if (flags.write) return writePermanently(tool, target, terminal)
      const status = await startTool(tool, await findTool(tool), target, toolArguments)
      if (status !== 0) throw new ExitStatus(status)
    })
}

function toolCalled(id: string): ConnectTool {
  const tool = connectTools.find((each) => each.id === id.toLowerCase())
  if (!tool) throw new UsageError(`'${id}' is not a known tool. Known tools: ${connectTools.map((each) => each.id).join(', ')}`)
  return tool
}

async function targetOf(tool: ConnectTool, dataDir: string, asked: string | undefined, terminal: Terminal): Promise<ConnectTarget> {
  const node = await findOwnNode(dataDir)
  if (!node) throw new AppError('not-running', `No node is running with ${dataDir}. Start one with: exo`)
  const client = createNodeClient(node.apiUrl, node.apiToken)
  const models = parseSaid(WireModelList, await client.get('/v1/models')).data
  const model = asked === undefined ? pickModel(models, tool) : modelCalled(models, asked)
  if (!model) throw noModel(tool, models, asked)
  for (const lack of lacksOf(model, tool)) terminal.error(`exo: ${lack}`)
  terminal.error(`exo: ${tool.name} uses ${model.id} on ${node.apiUrl}`)
  return {
    root: node.apiUrl.replace(/\/$/, ''),
    key: node.apiToken ?? 'unused',
    model: model.id,
    contextTokens: model.context_tokens,
  }
}

function noModel(tool: ConnectTool, models: readonly WireModel[], asked: string | undefined): AppError {
  const here = models.map(({ id }) => id).join(', ') || 'none'
  if (asked !== undefined)
    return new AppError('model-not-found', `There is no model '${asked}' here. Models: ${here}. To get one: exo models pull ID`)
  const needs = `${tool.needsTools ? 'can call tools and ' : ''}has a context of ${tool.minContextTokens.toLocaleString('en')} tokens`
  const lacks = models.flatMap((model) => lacksOf(model, tool).slice(0, 1))
  return new AppError(
    'no-model-for-tool',
    `${tool.name} needs a model that ${needs}. ${lacks.join(' ')} Get one, for example with: exo models ` +
      'pull qwen3-4b. To use another anyway: --model ID',
  )
}

async function writePermanently(tool: ConnectTool, target: ConnectTarget, terminal: Terminal): Promise<void> {
  const { permanent } = tool
  if (permanent === null)
    throw new UsageError(`${tool.name} has no configuration file that exo can write. Start it with: exo launch ${tool.id}`)
  const named = join(homedir(), permanent.path)
  // A link to a file that is managed elsewhere stays a link.
  const path = await realpath(named).catch(() => named)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  const merged = mergeSettings(text ?? '', permanent, target)
  await mkdir(dirname(path), { recursive: true })
  if (text !== null && text !== merged) {
    const backup = await freeName(`${path}.before-exo`)
    await writeFile(backup, text, { mode: 0o600, flag: 'wx' })
    terminal.line(`Backup: ${backup}`)
  }
  if (text !== merged) await replaceFile(path, merged)
  terminal.line(`Written: ${path}`)
  if (permanent.note !== undefined) terminal.line(fillInText(permanent.note, target))
}

/** The first name that no file has: earlier backups stay. */
async function freeName(path: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? path : `${path}-${number}`
    const isTaken = await stat(name).then(
      () => true,
      () => false,
    )
    if (!isTaken) return name
  }
}
