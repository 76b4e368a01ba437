import { plural } from '../../ui/plural.ts'

export const rdmaStrings = {
  body: 'The RDMA port that each row’s machine uses to reach each column’s machine.',
  caption: 'RDMA devices between machines',
  onlyOne: 'RDMA needs two Macs. Open exo on a second one and connect them with a Thunderbolt 5 cable.',
  complete: 'All machines are connected by RDMA: models can use the full mesh (JACCL).',
  missing: (count: number) => plural(count, { one: '# pair isn’t connected by RDMA:', other: '# pairs aren’t connected by RDMA:' }),
  noLink: 'no link',
  self: 'same machine',
  state: 'RDMA on each machine',
  states: {
    enabled: 'on',
    disabled: 'off; to turn it on, run rdma_ctl enable in macOS Recovery',
    unknown: 'unknown',
    absent: 'not supported',
  } as Readonly<Record<string, string>>,
  bridge: (bridge: string) => `Thunderbolt Bridge (${bridge}) blocks RDMA; exo thunderbolt plan shows the fix`,
  pairReason: {
    off: (name: string) => `RDMA is off on ${name}`,
    absent: (name: string) => `${name} doesn’t support RDMA`,
    cable: 'no Thunderbolt 5 cable found between them',
  },
}
