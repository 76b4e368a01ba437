/**
 * German for the reasons that a node tells of instances and placements. They are sentences without a code, since logs and the
 * command line show them too. A part in brackets of a pattern is `$1`, `$2`; `@1` is a part that is itself a reason. A pattern with
 * the flag `s` may hold several reasons.
 */
const PHRASES: readonly (readonly [pattern: RegExp, german: string])[] = [
  [/^a machine left the cluster$/, 'ein Rechner hat den Cluster verlassen'],
  [/^(\d+) machines left the cluster$/, '$1 Rechner haben den Cluster verlassen'],
  [/^rank (\d+) no longer has the address (\S+)$/, 'Rang $1 hat die Adresse $2 nicht mehr'],
  [/^rank (\d+) restarted$/, 'Rang $1 wurde neu gestartet'],
  [/^rank (\d+): (.+)$/s, 'Rang $1: @2'],
  [
    /^(.+) did not load its part of the model: it made no progress for minutes\.$/,
    '$1 hat seinen Teil des Modells nicht geladen: seit Minuten kein Fortschritt.',
  ],
  [/^enough memory is free again$/, 'es ist wieder genug Speicher frei'],
  [/^the requested number of nodes is available again$/, 'die gewünschte Zahl von Rechnern ist wieder da'],
  [/^a faster path is available$/, 'es gibt einen schnelleren Weg'],
  [/^Gave up after (\d+) attempts\.$/, 'Nach $1 Versuchen aufgegeben.'],
  [/^No other machine is in the cluster\.$/, 'Kein anderer Rechner ist im Cluster.'],

  [/^(.+) instead of (.+?): (.+)$/s, '$1 statt $2: @3'],
  [/^no Thunderbolt address between (.+) and (.+)$/, 'keine Thunderbolt-Adresse zwischen $1 und $2'],
  [/^no link between (.+) and (.+)$/, 'keine Verbindung zwischen $1 und $2'],
  [/^no cable between (.+) and (.+)$/, 'kein Kabel zwischen $1 und $2'],
  [/^the cable between (.+) and (.+) is seen from (.+) only$/, 'nur $3 sieht das Kabel zwischen $1 und $2'],
  [/^a JACCL mesh supports up to (\d+) Macs, and there are (\d+)$/, 'ein JACCL-Netz verbindet höchstens $1 Macs, und hier sind es $2'],
  [/^(.+) has cables to (\d+) other Macs$/, '$1 hat Kabel zu $2 anderen Macs'],
  [/^a ring needs (\d+)$/, 'ein Ring braucht $1'],
  [/^(.+) is not known$/, '$1 ist unbekannt'],
  [/^macOS (\S+) < (\S+) on (.+)$/, 'macOS $1 auf $3 ist älter als $2'],
  [/^rdma-disabled on (.+) \(rdma_ctl enable, in Recovery\)$/, 'RDMA ist auf $1 aus (in der Wiederherstellung: rdma_ctl enable)'],
  [/^rdma-unknown on (.+) \(rdma_ctl status reported neither enabled nor disabled\)$/, 'rdma_ctl sagt auf $1 nicht, ob RDMA an ist'],
  [/^no RDMA on (.+) \(requires a Mac with Thunderbolt 5\)$/, 'kein RDMA auf $1 (dafür braucht es einen Mac mit Thunderbolt 5)'],
  [
    /^Thunderbolt bridge active on (.+) \((\S+): exo thunderbolt plan shows how to turn it off\)$/,
    'die Thunderbolt-Brücke $2 auf $1 ist an (exo thunderbolt plan zeigt, wie man sie abschaltet)',
  ],
  [/^and (\d+) more$/, 'und $1 weitere'],
  [/^and many more$/, 'und viele weitere'],

  [/^There are no nodes to place the model on\.$/, 'Es gibt keinen Rechner für das Modell.'],
  [
    /^(\d+) nodes were requested, but there are only (\d+)\. Start exo on more machines or request fewer nodes\.$/,
    '$1 Rechner sind gewünscht, aber nur $2 da. exo auf weiteren Rechnern starten oder weniger wählen.',
  ],
  [
    /^(.+) is an encoder, which runs on one node\. Request one node\.$/,
    '$1 ist ein Encoder und läuft auf einem Rechner. Einen Rechner wählen.',
  ],
  [
    /^(.+) has (\d+) layers, fewer than (\d+) nodes\. Request fewer nodes\.$/,
    '$1 hat $2 Schichten, weniger als $3 Rechner. Weniger wählen.',
  ],
  [
    new RegExp(
      /^Not enough memory for (.+): it needs (.+) for its weights and (.+) for (\d+) tokens of context/.source +
        /(?:, and (.+) for its draft model)?; .+ may be used\. (.+) more are needed: .+$/.source,
      's',
    ),
    'Nicht genug Speicher für $1: Gewichte $2, Kontext von $4 Token $3. Es fehlen $6: Speicher freigeben, einen Rechner ' +
      'hinzufügen oder einen kürzeren Kontext oder eine kleinere Quantisierung wählen.',
  ],
  [
    /^JACCL is not possible here: (.+)\. Fix that, or omit --backend jaccl to use TCP\.$/s,
    'JACCL ist hier nicht möglich: @1. Das beheben oder TCP verwenden.',
  ],
  [/^JACCL needs at least two nodes$/, 'JACCL braucht mindestens zwei Rechner'],
  [/^no address of rank 0 that all other nodes reach$/, 'keine Adresse von Rang 0, die alle anderen erreichen'],
  [/^no ring over these nodes was found$/, 'kein Ring über diese Rechner gefunden'],
  [
    /^The nodes have the memory for (.+), but no ring of links connects them: (.+)\. Check cables, .+\.$/s,
    'Der Speicher reicht für $1, aber kein Ring verbindet die Rechner: @2. Kabel, Firewall und Subnetze prüfen.',
  ],

  [/^(\S+) was not trained to call tools, which this tool needs\.$/, '$1 kann keine Werkzeuge aufrufen, was dieses Programm braucht.'],
  [
    /^(\S+) has a context of ([\d,]+) tokens; this tool needs about ([\d,]+)\. Choose another model\.$/s,
    '$1 hat einen Kontext von $2 Token; dieses Programm braucht etwa $3. Ein anderes Modell wählen.',
  ],
  [
    /^(\S+) is loaded with a context of ([\d,]+) tokens; this tool needs about ([\d,]+)\. To load it with more: (.+), then unload it\.$/s,
    '$1 ist mit einem Kontext von $2 Token geladen; dieses Programm braucht etwa $3. Für mehr: $4, dann entladen.',
  ],
]

/** Several reasons may be joined by semicolons; one that has no German stays as it is. */
export function germanReason(reason: string): string {
  const single = reason.split('; ')
  for (const [pattern, german] of PHRASES) {
    if (single.length > 1 && !pattern.dotAll) continue
    const parts = pattern.exec(reason)
    if (parts) return german.replace(/([$@])(\d)/g, (_, kind: string, index: string) => partOf(parts[Number(index)] ?? '', kind === '@'))
  }
  return single.length > 1 ? single.map(germanReason).join('; ') : reason
}

/** `8,192` is `8.192` in German. */
const partOf = (text: string, isReason: boolean): string =>
  isReason ? germanReason(text) : text.replace(/^\d{1,3}(,\d{3})+$/, (count) => count.replaceAll(',', '.'))
