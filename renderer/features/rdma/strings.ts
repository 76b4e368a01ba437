import { inLanguage, textsByName } from '../../ui/language.ts'
import { plural } from '../../ui/plural.ts'

export const rdmaStrings = inLanguage(
  {
    body: 'The RDMA port that each row’s machine uses to reach each column’s machine.',
    caption: 'RDMA devices between machines',
    onlyOne: 'RDMA needs two Macs. Open exo on a second one and connect them with a Thunderbolt 5 cable.',
    complete: 'All machines are connected by RDMA: models can use the full mesh (JACCL).',
    missing: (count: number) => plural(count, { one: '# pair isn’t connected by RDMA:', other: '# pairs aren’t connected by RDMA:' }),
    noLink: 'no link',
    self: 'same machine',
    state: 'RDMA on each machine',
    states: textsByName({
      enabled: 'on',
      disabled: 'off; to turn it on, run rdma_ctl enable in macOS Recovery',
      unknown: 'unknown',
      absent: 'not supported',
    }),
    bridge: (bridge: string) => `Thunderbolt Bridge (${bridge}) blocks RDMA; exo thunderbolt plan shows the fix`,
    pairReason: {
      off: (name: string) => `RDMA is off on ${name}`,
      absent: (name: string) => `${name} doesn’t support RDMA`,
      cable: 'no Thunderbolt 5 cable found between them',
    },
  },
  {
    body: 'Der RDMA-Anschluss, über den der Rechner der Zeile den Rechner der Spalte erreicht.',
    caption: 'RDMA-Geräte zwischen Rechnern',
    onlyOne: 'RDMA braucht zwei Macs. exo auf einem zweiten öffnen und beide mit einem Thunderbolt-5-Kabel verbinden.',
    complete: 'Alle Rechner sind über RDMA verbunden: Modelle können das volle Netz nutzen (JACCL).',
    missing: (count: number) =>
      plural(count, { one: '# Paar ist nicht über RDMA verbunden:', other: '# Paare sind nicht über RDMA verbunden:' }),
    noLink: 'keine Verbindung',
    self: 'derselbe Rechner',
    state: 'RDMA auf jedem Rechner',
    states: {
      enabled: 'ein',
      disabled: 'aus; zum Einschalten in der macOS-Wiederherstellung rdma_ctl enable ausführen',
      unknown: 'unbekannt',
      absent: 'nicht unterstützt',
    },
    bridge: (bridge: string) => `Die Thunderbolt-Bridge (${bridge}) blockiert RDMA; exo thunderbolt plan zeigt die Abhilfe`,
    pairReason: {
      off: (name: string) => `RDMA ist auf ${name} ausgeschaltet`,
      absent: (name: string) => `${name} unterstützt kein RDMA`,
      cable: 'kein Thunderbolt-5-Kabel zwischen ihnen gefunden',
    },
  },
)
