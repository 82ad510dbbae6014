/**
 * Forwards bytes between its clients and a server until its parent process ends. Arguments: the server's unix socket or its
 * local port, a unix socket of its own.
 */
import { connect, createServer, type Socket } from 'node:net'

const [place = '', ownSocket = ''] = process.argv.slice(2)

function relay(client: Socket): void {
  const server = /^\d+$/.test(place) ? connect(Number(place)) : connect(place)
  client.setNoDelay()
  client.on('data', bytes => server.write(bytes))
  server.on('data', bytes => client.write(bytes))
  client.on('close', () => server.destroy())
  server.on('close', () => client.destroy())
}

const tcp = createServer(relay).listen(0, '127.0.0.1', () => {
  createServer(relay).listen(ownSocket, () => process.send?.(tcp.address()))
})
process.on('disconnect', () => process.exit())
