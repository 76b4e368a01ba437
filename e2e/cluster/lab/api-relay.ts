// Runs on a lab host: forwards connections from a socket file to the API on the host's loopback, which is reachable only there.
import { connect, createServer } from 'node:net'

const [socketPath = '', port = ''] = process.argv.slice(2)

createServer((client) => {
  const api = connect({ host: '127.0.0.1', port: Number(port) })
  client.on('error', () => api.destroy()).on('close', () => api.destroy())
  api.on('error', () => client.destroy()).on('close', () => client.destroy())
  client.pipe(api).pipe(client)
}).listen(socketPath, () => process.stdout.write('listening\n'))
