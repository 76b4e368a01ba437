import { type Command, InvalidArgumentError } from 'commander'
import type { SpawnProcess } from '../../platform/processes/spawn-process.ts'
import { interruption } from '../interruption.ts'
import { configuredNodeFlags } from '../config/effective-settings.ts'
import { dataDirOf, dataDirOption, toNodeOptions } from '../node-options.ts'
import { processHost } from '../process-host.ts'
import type { Terminal } from '../terminal.ts'
import { withNode } from '../with-node.ts'
import { readSchemaFile } from '../read-schema-file.ts'
import { run, type RunFlags } from './run.ts'
import { folderOrName } from '../text/folder-or-name.ts'

function number(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !(value >= minimum && value <= maximum))
      throw new InvalidArgumentError(`Use a number from ${minimum} to ${maximum}.`)
    return value
  }
}

interface CommandFlags extends Omit<RunFlags, 'schema'> {
  dataDir?: string
  schema?: string
}

export function addRunCommand(program: Command, terminal: Terminal, spawn: SpawnProcess): void {
  const command = program
    .command('run <model> [prompt]')
    .description('answer a prompt; without a prompt, chat (one line of standard input per message)')
    .option('--system <text>', 'system prompt')
    .option('--temperature <number>', '0 is greedy', number(0, 2))
    .option('--max-tokens <count>', 'maximum length of the answer', number(1, 10_000_000))
    .option('--seed <number>', 'the same seed gives the same answer', number(0, Number.MAX_SAFE_INTEGER))
    .option('--schema <file>', 'a JSON schema that every answer has to match')
  command.addOption(dataDirOption()).action(async (named: string, prompt: string | undefined, given: CommandFlags) => {
    const model = folderOrName(named)
    const { schema, ...flags } = given
    const format = schema === undefined ? {} : { schema: await readSchemaFile(schema) }
    const stop = new AbortController()
    void interruption().then(() => stop.abort(new Error('Interrupted.')))
    void terminal.readerGone.then(() => stop.abort(new Error('The reader of the answer is gone.')))
    const options = toNodeOptions({ ...(await configuredNodeFlags(dataDirOf(program, flags))), dataDir: dataDirOf(program, flags) })
    await withNode(options, processHost(spawn), terminal, [model], (client) =>
      run(client, model, prompt ?? null, { ...flags, ...format }, terminal, stop.signal),
    )
  })
}
