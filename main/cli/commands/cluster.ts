import type { Command } from 'commander'
import { systemRandom } from '../../platform/random.ts'
import { randomHex } from '../../platform/random-hex.ts'
import type { Terminal } from '../terminal.ts'

/** `exo cluster new-key`: a key that cannot be guessed. */
export function addClusterCommand(program: Command, terminal: Terminal): void {
  program
    .command('cluster')
    .description('manage cluster keys')
    .command('new-key')
    .description('print a random 256-bit key for --cluster-key-file or EXO_CLUSTER_KEY')
    .action(() => terminal.line(randomHex(systemRandom, 32)))
}
