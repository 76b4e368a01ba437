// Runs on a lab host: sends invalid data to a node's peer port, HOST PORT, and prints whether the node hangs up in time.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { WebSocket } from 'ws'

const host = process.argv[2] ?? ''
const port = Number(process.argv[3])
const HANG_UP_LIMIT_MS = 20_000

function closes(what: string, socket: Socket | WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what}: still open after ${HANG_UP_LIMIT_MS} ms`)), HANG_UP_LIMIT_MS)
    socket.on('error', () => undefined) // a close follows
    socket.on('close', () => {
      clearTimeout(timer)
      process.stdout.write(`${what}: closed\n`)
      resolve()
    })
  })
}

/** Creates a self-signed certificate. */
function strangersCertificate(): { key: Buffer; cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'stranger-'))
  try {
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', keyFile, '-out', certFile, '-subj', '/CN=stranger', '-days', '1'],
      { stdio: 'ignore' },
    )
    return { key: readFileSync(keyFile), cert: readFileSync(certFile) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const random = connect(port, host, () => random.write(randomBytes(200_000)))
const plain = connect(port, host, () => plain.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'))
const nameless = connectTls({ host, port, rejectUnauthorized: false, minVersion: 'TLSv1.3' })
const silent = connectTls({ host, port, ...strangersCertificate(), rejectUnauthorized: false })
const huge = new WebSocket(`wss://${host}:${port}/`, { ...strangersCertificate(), rejectUnauthorized: false })
huge.on('open', () => huge.send(Buffer.alloc(64 * 1024 * 1024)))

const closings = [
  closes('random bytes', random.resume()),
  closes('http without TLS', plain.resume()),
  closes('TLS without a certificate', nameless.resume()),
  closes('TLS and then nothing', silent.resume()),
  closes('a huge first frame', huge),
]
const datagrams = createSocket('udp4')
for (const bytes of [0, 1, 16, 200, 1400, 60_000])
  await new Promise<void>((resolve, reject) =>
    datagrams.send(randomBytes(bytes), port, host, (error) => (error ? reject(error) : resolve())),
  )
datagrams.close()
await Promise.all(closings)
