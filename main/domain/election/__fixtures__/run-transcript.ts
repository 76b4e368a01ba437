import { roundOf } from '../election-term.ts'
import { ElectionSimulation, seededRandom } from './simulation.ts'

/**
 * Runs a transcript: commands, each followed by `----` and its events, up to an empty line. Returns the transcript with
 * the events of this run.
 *
 *   start a b          links every pair of running nodes, unless they were cut
 *   run 1500           milliseconds
 *   kill a             closes its links; `unplug a`: it only falls silent
 *   cut a b | c d      no link between the sides, without any closing; `heal` undoes all cuts
 *   break a b          closes one link
 *   loss 0.3 delay 50  for all messages from now on
 */
export function runTranscript(text: string): string {
  const random = seededRandom(1)
  const simulation = new ElectionSimulation({ lossRatio: 0, delayMs: 10, jitterMs: 0, skewRatio: 0, random })
  const player = new TranscriptPlayer(simulation)
  const blocks = text.trim().split(/\n\s*\n/)
  return `${blocks.map((block) => (block.startsWith('#') ? block : playBlock(block, player))).join('\n\n')}\n`
}

function playBlock(block: string, player: TranscriptPlayer): string {
  const [commands = ''] = block.split(/^----$/m)
  const happened = commands
    .trim()
    .split('\n')
    .flatMap((command) => player.play(command))
  return [commands.trim(), '----', ...happened, player.summary()].join('\n')
}

class TranscriptPlayer {
  private readonly simulation: ElectionSimulation
  private readonly cuts = new Set<string>()

  constructor(simulation: ElectionSimulation) {
    this.simulation = simulation
  }

  play(command: string): string[] {
    const [verb = '', ...words] = command.split(/\s+/)
    switch (verb) {
      case 'start':
        for (const name of words) {
          this.simulation.start(name)
          this.linkAll()
        }
        return []
      case 'run':
        return this.run(Number(words[0]))
      case 'kill':
      case 'unplug':
        words.forEach((name) => this.simulation.stop(name, verb === 'kill'))
        return []
      case 'cut': {
        const [left = [], right = []] = words
          .join(' ')
          .split('|')
          .map((side) => side.trim().split(' '))
        for (const a of left) for (const b of right) this.cut(a, b, false)
        return []
      }
      case 'break':
        this.cut(words[0] ?? '', words[1] ?? '', true)
        return []
      case 'heal':
        this.cuts.clear()
        this.linkAll()
        return []
      case 'loss':
        Object.assign(this.simulation.conditions, { lossRatio: Number(words[0]), delayMs: Number(words[2]) })
        return []
      default:
        throw new Error(`no such command: ${command}`)
    }
  }

  /** Who follows whom, nodes that agree together. */
  summary(): string {
    const groups = new Map<string, string[]>()
    for (const name of this.simulation.running()) groups.set(this.describe(name), [...(groups.get(this.describe(name)) ?? []), name])
    return [...groups].map(([leader, names]) => `${names.join(' ')}: ${leader}`).join('\n')
  }

  private run(forMs: number): string[] {
    const startMs = this.simulation.nowMs
    const happened: string[] = []
    for (let elapsedMs = 0; elapsedMs < forMs; elapsedMs += 10) {
      const before = new Map(this.simulation.running().map((name) => [name, this.describe(name)]))
      this.simulation.run(10)
      for (const [name, leader] of before)
        if (this.describe(name) !== leader) happened.push(`  +${this.simulation.nowMs - startMs} ms ${name}: ${this.describe(name)}`)
    }
    return happened
  }

  private describe(name: string): string {
    const claim = this.simulation.stateOf(name)?.claim
    if (!claim) return 'looks for a leader'
    return `${claim.leaderId === name ? 'leads' : `follows ${claim.leaderId}`} in round ${roundOf(claim.term)}`
  }

  private cut(a: string, b: string, isSeen: boolean): void {
    this.cuts.add(`${a} ${b}`)
    this.simulation.unlink(a, b, isSeen)
  }

  private linkAll(): void {
    const names = this.simulation.running()
    for (const a of names) for (const b of names) if (!this.cuts.has(`${a} ${b}`) && !this.cuts.has(`${b} ${a}`)) this.simulation.link(a, b)
  }
}
