import { Command } from 'commander'
import { expect, it } from 'vitest'
import { commandTable } from './command-table.ts'
import { manPages } from './man-page.ts'

it('writes a page for each command, with its options', () => {
  const program = new Command('exo').description('Run models.')
  program
    .command('models')
    .description('.list models')
    .command('pull')
    .argument('<id>')
    .option('--node <name>', 'a node')
    .description('get -n')
  const pages = manPages(commandTable(program), '1.2.3')
  expect(pages.map(({ file }) => file)).toEqual(['exo.1', 'exo-models.1', 'exo-models-pull.1'])
  const pull = pages[2]?.text
  expect(pull).toContain('.TH EXO-MODELS-PULL 1 "" "exo 1.2.3" "exo"')
  expect(pull).toContain('exo\\-models\\-pull \\- get \\-n')
  expect(pull).toContain('.B \\-\\-node <name>\na node')
  expect(pages[1]?.text).toContain('\\&.list models')
})
