import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { constants as system, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { AppError } from '../../shared/app-error.ts'
import type { ConnectTarget, ConnectTool } from '../../shared/connect/connect-tool.ts'
import { escapeQuoted, fillInJson, fillInText } from '../../shared/connect/fill-in.ts'

/** @throws AppError `tool-not-installed` */
export async function findTool({ name, command, install }: ConnectTool, path = process.env.PATH ?? ''): Promise<string> {
  for (const folder of path.split(delimiter).filter((each) => each !== '')) {
    const program = join(folder, command)
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return program
  }
  throw new AppError(
    'tool-not-installed',
    `${name} is not installed: the program '${command}' was not found. Install it, for example with: ${install}`,
  )
}

/**
 * Runs a tool in this terminal, pointed at a node by its environment, its arguments and a temporary folder.
 *
 * @returns its exit status
 */
export async function startTool(
  tool: ConnectTool,
  program: string,
  given: ConnectTarget,
  userArguments: readonly string[],
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'exo-launch-'))
  try {
    const target = { ...given, folder, ...(tool.file ? { file: join(folder, tool.file.name) } : {}) }
    if (tool.file && target.file !== undefined) {
      await mkdir(dirname(target.file), { recursive: true, mode: 0o700 })
      // JSON is YAML too.
      await writeFile(target.file, `${JSON.stringify(fillInJson(tool.file.content, target), null, 2)}\n`, { mode: 0o600 })
    }
    const environment = Object.fromEntries(Object.entries(tool.environment).map(([name, value]) => [name, fillInText(value, target)]))
    const filled = (texts: readonly string[]): string[] =>
      texts.map((text) => fillInText(text, target, text.includes('"') ? escapeQuoted : undefined))
    if (tool.prepare) {
      const status = await run(program, filled(tool.prepare), environment)
      if (status !== 0) return status
    }
    const chosen = userArguments.length > 0 ? userArguments : (tool.defaultArguments ?? [])
    return await run(program, [...filled(tool.arguments), ...chosen], environment)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Ctrl-C reaches the tool directly; this process waits for its end. */
function run(program: string, programArguments: readonly string[], environment: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const ignore = (): void => undefined
    process.on('SIGINT', ignore)
    const child = spawn(program, programArguments, { stdio: 'inherit', env: { ...process.env, ...environment } })
    const onTerminate = (): void => void child.kill('SIGTERM')
    process.on('SIGTERM', onTerminate)
    const settle = (end: () => void): void => {
      process.off('SIGINT', ignore)
      process.off('SIGTERM', onTerminate)
      end()
    }
    child.once('error', (error) => settle(() => reject(error)))
    child.once('exit', (status, signal) => settle(() => resolve(status ?? 128 + (signal === null ? 0 : system.signals[signal]))))
  })
}
