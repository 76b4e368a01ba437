import { describe, expect, it } from 'vitest'
import { germanReason } from './german-reasons.ts'

describe('the reasons of instances in German', () => {
  it.each([
    ['a machine left the cluster', 'ein Rechner hat den Cluster verlassen'],
    ['rank 2: rank 0 restarted', 'Rang 2: Rang 0 wurde neu gestartet'],
    ['rank 1 no longer has the address 10.0.0.7', 'Rang 1 hat die Adresse 10.0.0.7 nicht mehr'],
    [
      'org/a has a context of 8,192 tokens; this tool needs about 32,768. Choose another model.',
      'org/a hat einen Kontext von 8.192 Token; dieses Programm braucht etwa 32.768. Ein anderes Modell wählen.',
    ],
    ['Gave up after 5 attempts.', 'Nach 5 Versuchen aufgegeben.'],
    [
      'TCP ring instead of JACCL mesh: no cable between a and b; and 2 more',
      'TCP ring statt JACCL mesh: kein Kabel zwischen a und b; und 2 weitere',
    ],
    [
      'Not enough memory for org/m: it needs 8.0 GB for its weights and 1.0 GB for 4096 tokens of context; the node has 4.0 GB free, of ' +
        'which 3.6 GB may be used. 5.4 GB more are needed: free memory, add a node, or use a shorter context or a smaller quantization.',
      'Nicht genug Speicher für org/m: Gewichte 8.0 GB, Kontext von 4096 Token 1.0 GB. Es fehlen 5.4 GB: Speicher freigeben, einen ' +
        'Rechner hinzufügen oder einen kürzeren Kontext oder eine kleinere Quantisierung wählen.',
    ],
  ])('of a failure: %s', (english, german) => expect(germanReason(english)).toBe(german))

  it('that it does not know stay as the node tells them', () =>
    expect(germanReason('rank 0: [metal] something odd; happened')).toBe('Rang 0: [metal] something odd; happened'))
})
