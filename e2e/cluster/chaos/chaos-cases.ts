import { setTimeout as sleep } from 'node:timers/promises'
import { isProcessAlive } from '../../../main/platform/processes/is-process-alive.ts'
import type { StreamedAnswer } from '../lab/ask.ts'
import type { ClusterNode } from '../lab/cluster-node.ts'
import type { ChaosLab } from './chaos-lab.ts'

/** A fault that is injected while a question is asked. The answer must still arrive. */
export interface ChaosCase {
  readonly name: string
  /** Whether the case is also part of `npm test`. */
  readonly isTelling: boolean
  /** Whether the case asks the long question, whose answer must be known beforehand. */
  readonly asksLong?: boolean
  /** The longest pause that is allowed on a busy machine. */
  readonly limitMs: number
  run(lab: ChaosLab): Promise<StreamedAnswer>
}

const killWorkers = (...nodes: readonly ClusterNode[]): void => {
  for (const pid of nodes.flatMap((node) => node.workers())) process.kill(pid, 'SIGKILL')
}

let lastByte = 100
const CLONE_PATTERN = /exo identity new/

export const CHAOS_CASES: readonly ChaosCase[] = [
  {
    name: 'workers of all ranks at once',
    isTelling: true,
    limitMs: 30_000,
    run: (lab) => lab.answer(lab.bystander(), () => killWorkers(lab.rank(0), lab.rank(1))),
  },
  {
    name: 'hosts of both ranks at once',
    isTelling: true,
    limitMs: 30_000,
    run: (lab) => lab.answer(lab.bystander(), () => Promise.all([lab.killHost(lab.rank(0)), lab.killHost(lab.rank(1))])),
  },
  {
    name: 'power of rank 1',
    isTelling: true,
    limitMs: 30_000,
    run: (lab) =>
      lab.answer(lab.rank(0), async () => {
        const lost = lab.rank(1)
        await lab.cluster.lab.unplug(lost.host)
        await lab.killHost(lost)
        await lab.cluster.lab.unplug(lost.host, false)
      }),
  },
  {
    name: 'rank 1 while the model loads',
    isTelling: true,
    limitMs: 30_000,
    async run(lab) {
      await lab.unload()
      const lost = lab.rank(1)
      const asked = lab.bystander()
      const answer = lab.ask(asked)
      await lab.sleepFor(200, 1_200)
      await lab.killHost(lost)
      return answer
    },
  },
  {
    name: 'node of rank 1 asleep for seconds',
    isTelling: true,
    limitMs: 30_000,
    run: (lab) =>
      lab.answer(lab.rank(0), async () => {
        const { host } = lab.rank(1)
        await lab.cluster.lab.kill(host, 'SIGSTOP')
        await lab.sleepFor(5_000, 8_000)
        await lab.cluster.lab.kill(host, 'SIGCONT')
      }),
  },
  {
    name: 'one way between the ranks cut',
    isTelling: true,
    limitMs: 60_000,
    run: (lab) => lab.answer(lab.bystander(), () => lab.cluster.lab.cutOneWay(lab.rank(0).host, lab.rank(1).host)),
  },
  {
    name: 'another address of rank 1',
    isTelling: true,
    limitMs: 30_000,
    run: (lab) => lab.answer(lab.bystander(), () => lab.cluster.lab.moveTo(lab.rank(1).host, (lastByte += 1))),
  },
  {
    name: 'rank 1 cut off for seconds, then healed',
    isTelling: true,
    limitMs: 30_000,
    async run(lab) {
      const { host } = lab.rank(1)
      const answer = await lab.answer(lab.bystander(), async () => {
        await lab.cluster.lab.partition(
          [host],
          [1, 2, 3, 4].filter((other) => other !== host),
        )
        await lab.sleepFor(6_000, 10_000)
        await lab.cluster.lab.heal()
      })
      await lab.whenOne()
      return answer
    },
  },
  {
    name: '30 % of packets of rank 1 lost',
    isTelling: true,
    limitMs: 60_000,
    run: (lab) => lab.answer(lab.bystander(), () => lab.cluster.lab.lose(lab.rank(1).host, 0.3)),
  },
  {
    name: 'cable of rank 1 flaps',
    isTelling: true,
    limitMs: 30_000,
    run: (lab) =>
      lab.answer(lab.bystander(), async () => {
        const { host } = lab.rank(1)
        for (let turn = 0; turn < 3; turn += 1) {
          await lab.cluster.lab.unplug(host)
          await lab.sleepFor(500, 3_000)
          await lab.cluster.lab.unplug(host, false)
          await lab.sleepFor(500, 3_000)
        }
      }),
  },
  {
    name: 'packets of more than 1400 bytes lost',
    isTelling: false,
    limitMs: 60_000,
    run: (lab) => lab.answer(lab.bystander(), () => lab.cluster.lab.dropLarge(1_400)),
  },
  {
    name: 'worker of rank 0',
    isTelling: false,
    limitMs: 30_000,
    run: (lab) => lab.answer(lab.bystander(), () => killWorkers(lab.rank(0))),
  },
  { name: 'worker of rank 1', isTelling: false, limitMs: 30_000, run: (lab) => lab.answer(lab.rank(0), () => killWorkers(lab.rank(1))) },
  { name: 'host of rank 0', isTelling: false, limitMs: 30_000, run: (lab) => lab.answer(lab.bystander(), () => lab.killHost(lab.rank(0))) },
  { name: 'host of rank 1', isTelling: false, limitMs: 30_000, run: (lab) => lab.answer(lab.rank(0), () => lab.killHost(lab.rank(1))) },
  {
    name: 'leader and rank 1 at once',
    isTelling: false,
    limitMs: 30_000,
    async run(lab) {
      const asked = lab.bystander()
      const leaderId = (await asked.state()).leader?.nodeId
      const lost = new Set([lab.rank(1), ...lab.nodes.filter(({ nodeId, host }) => nodeId === leaderId && host !== asked.host)])
      return lab.answer(asked, () => Promise.all([...lost].map((node) => lab.killHost(node))))
    },
  },
  {
    name: 'host of rank 1 while it reads a long prompt',
    isTelling: false,
    asksLong: true,
    limitMs: 60_000,
    run: (lab) => lab.answerLong(lab.bystander(), lab.draw.between('after ms', 300, 3_000), () => lab.killHost(lab.rank(1))),
  },
  {
    name: 'worker of rank 0 while it reads a long prompt',
    isTelling: false,
    asksLong: true,
    limitMs: 60_000,
    run: (lab) => lab.answerLong(lab.bystander(), lab.draw.between('after ms', 300, 3_000), () => killWorkers(lab.rank(0))),
  },
  {
    name: 'clients that hang up in a long prompt',
    isTelling: false,
    asksLong: true,
    limitMs: 30_000,
    async run(lab) {
      for (const afterMs of [300, 600, 900]) await lab.hangUp(lab.bystander(), afterMs)
      return lab.ask(lab.bystander())
    },
  },
  {
    name: 'another machine with the identity of rank 1',
    isTelling: false,
    limitMs: 30_000,
    async run(lab) {
      let said = (): string => ''
      const answer = await lab.answer(lab.bystander(), async () => {
        said = await lab.startClone(lab.rank(1))
      })
      for (let tries = 0; tries < 60 && !CLONE_PATTERN.test(said()); tries += 1) await sleep(500)
      if (!CLONE_PATTERN.test(said())) throw new Error(`the clone does not say that it is one:\n${said()}`)
      return answer
    },
  },
  {
    name: 'any other host',
    isTelling: false,
    limitMs: 30_000,
    async run(lab) {
      const asked = lab.bystander()
      const lost = lab.anyBut(asked)
      return lab.answer(asked, () => lab.killHost(lost))
    },
  },
  {
    name: 'power of any other host',
    isTelling: false,
    limitMs: 30_000,
    async run(lab) {
      const asked = lab.bystander()
      const lost = lab.anyBut(asked)
      return lab.answer(asked, async () => {
        await lab.cluster.lab.unplug(lost.host)
        await lab.killHost(lost)
        await lab.cluster.lab.unplug(lost.host, false)
      })
    },
  },
  {
    name: 'leader asleep, and back',
    isTelling: false,
    limitMs: 30_000,
    async run(lab) {
      const asked = lab.bystander()
      const leaderId = (await asked.state()).leader?.nodeId
      const leader = lab.nodes.find(({ nodeId }) => nodeId === leaderId && nodeId !== asked.nodeId) ?? lab.rank(0)
      const answer = await lab.answer(asked, async () => {
        await lab.cluster.lab.kill(leader.host, 'SIGSTOP')
        await lab.sleepFor(4_000, 20_000)
        await lab.cluster.lab.kill(leader.host, 'SIGCONT')
      })
      await lab.whenOne()
      return answer
    },
  },
  {
    name: 'rank 1 asleep, and back at another address',
    isTelling: false,
    limitMs: 30_000,
    async run(lab) {
      const { host } = lab.rank(1)
      const answer = await lab.answer(lab.bystander(), async () => {
        await lab.cluster.lab.kill(host, 'SIGSTOP')
        await lab.sleepFor(4_000, 12_000)
        await lab.cluster.lab.moveTo(host, (lastByte += 1))
        await lab.cluster.lab.kill(host, 'SIGCONT')
      })
      await lab.whenOne()
      return answer
    },
  },
  {
    name: 'worker of rank 1 stopped for seconds, under load',
    isTelling: false,
    limitMs: 30_000,
    async run(lab) {
      const asked = lab.bystander()
      const beside = [lab.ask(asked), lab.ask(lab.rank(0))]
      const answer = await lab.answer(asked, async () => {
        const stopped = lab.rank(1).workers()
        for (const pid of stopped) process.kill(pid, 'SIGSTOP')
        await lab.sleepFor(1_000, 8_000)
        // One that its node has ended meanwhile is gone.
        for (const pid of stopped.filter(isProcessAlive)) process.kill(pid, 'SIGCONT')
      })
      for (const other of await Promise.all(beside)) if (!lab.isSame(other)) throw new Error('an answer beside it has another text')
      return answer
    },
  },
  {
    name: 'two halves for seconds, then healed',
    isTelling: false,
    limitMs: 30_000,
    async run(lab) {
      const asked = lab.bystander()
      const [together, ...others] = lab.nodes.map(({ host }) => host).filter((host) => host !== asked.host)
      const answer = await lab.answer(asked, async () => {
        await lab.cluster.lab.partition([asked.host, together!], others)
        await lab.sleepFor(5_000, 20_000)
        await lab.cluster.lab.heal()
      })
      await lab.whenOne()
      return answer
    },
  },
  {
    name: 'worker of rank 1 stands still',
    isTelling: false,
    limitMs: 30_000,
    run: (lab) =>
      lab.answer(lab.bystander(), () => {
        for (const pid of lab.rank(1).workers()) process.kill(pid, 'SIGSTOP')
      }),
  },
]
