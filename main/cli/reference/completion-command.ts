import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Argument, type Command } from 'commander'
import { resolvePath } from '../../platform/files/default-folders.ts'
import { version } from '../../shared/version.ts'
import { commandTable } from './command-table.ts'
import { completionScript, type CompletedShell, SHELLS } from './completion-scripts.ts'
import { manPages } from './man-page.ts'
import type { Terminal } from '../terminal.ts'

/** `exo completion` and `exo man-pages`, from the table of commands. */
export function addCompletionCommands(program: Command, terminal: Terminal): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .description('print the script with which a shell completes commands and options')
    .action((shell: CompletedShell) => terminal.write(completionScript(shell, commandTable(program))))
  program
    .command('man-pages')
    .argument('<folder>', 'such as ~/.local/share/man/man1')
    .description('write the manual pages of all commands into a folder')
    .action(async (folder: string) => {
      const path = resolvePath(folder)
      const pages = manPages(commandTable(program), version)
      await mkdir(path, { recursive: true })
      for (const { file, text } of pages) await writeFile(join(path, file), text)
      terminal.line(`Wrote ${pages.length} pages into ${path}.`)
    })
}
