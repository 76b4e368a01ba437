import { inLanguage } from '../../ui/language.ts'
import { plural } from '../../ui/plural.ts'

export const clusterStrings = inLanguage(
  {
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
  },
  {
    body: (count: number, name: string) => plural(count, { one: `Nur dieser Rechner, in „${name}“`, other: `# Rechner in „${name}“` }),
    topology: 'Topologie',
    machines: 'Rechner',
    alone: 'Auf einem weiteren Rechner in diesem Netz exo öffnen. Er tritt von selbst bei oder fragt zuerst.',
    machine: 'Rechner',
    chip: 'Chip',
    memory: 'Arbeitsspeicher',
    addresses: 'Adressen',
    status: 'Status',
    version: 'Version',
    offline: 'Offline',
    offlineSince: (day: string, time: string) => `Seit ${day}, ${time}`,
    links: 'Verbindungen',
    between: 'Rechner',
    kind: 'Art',
    path: 'Über',
    morePaths: (count: number) => plural(count, { one: '# weitere Adresse', other: '# weitere Adressen' }),
    sealed: 'verschlüsselt',
    notSealed: 'nicht verschlüsselt',
    roundTrip: 'Umlaufzeit',
    differentVersions: 'Diese Rechner haben verschiedene Versionen von exo. Bitte alle aktualisieren.',
    network: 'Netz',
    media: { thunderbolt: 'Thunderbolt', ethernet: 'Ethernet', wifi: 'WLAN' },
    speed: (gigabitsPerSecond: number) => `${gigabitsPerSecond} Gbit/s`,
    graphLabel: (machines: number, links: number) =>
      `${plural(machines, { one: '# Rechner', other: '# Rechner' })} mit ` +
      `${plural(links, { one: '# Verbindung', other: '# Verbindungen' })}; ` +
      'die Tabellen darunter führen sie auf',
  },
)
