import { plural } from '../../ui/plural.ts'

export const clusterStrings = {
  body: (count: number, name: string) => plural(count, { one: `Just this machine, in “${name}”`, other: `# machines in “${name}”` }),
  topology: 'Topology',
  machines: 'Machines',
  alone: 'Open exo on another machine on this network. It joins automatically, or asks you first.',
  machine: 'Machine',
  chip: 'Chip',
  memory: 'Memory',
  addresses: 'Addresses',
  status: 'Status',
  version: 'Version',
  offline: 'Offline',
  offlineSince: (day: string, time: string) => `Since ${day}, ${time}`,
  links: 'Links',
  between: 'Machines',
  kind: 'Kind',
  path: 'Via',
  morePaths: (count: number) => plural(count, { one: '# more address', other: '# more addresses' }),
  sealed: 'encrypted',
  notSealed: 'not encrypted',
  roundTrip: 'Round trip',
  differentVersions: 'These machines run different versions of exo. Update them all.',
  network: 'Network',
  media: { thunderbolt: 'Thunderbolt', ethernet: 'Ethernet', wifi: 'Wi-Fi' },
  speed: (gigabitsPerSecond: number) => `${gigabitsPerSecond} Gb/s`,
  graphLabel: (machines: number, links: number) =>
    `${plural(machines, { one: '# machine', other: '# machines' })} with ${plural(links, { one: '# link', other: '# links' })}; ` +
    'the tables below list them',
}
