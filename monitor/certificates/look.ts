/** Looks at the certificates of a server, as a client that connects to it. */
import { isIP } from 'node:net'
import tls from 'node:tls'
import { resolvable } from '../resolvable-name.ts'
import type { SeenCertificate } from '../store/certificate-level.ts'

export interface LookOptions {
  /** The environment ignores errors of https, so that only the end of the certificate counts. */
  ignoresErrors: boolean
  signal: AbortSignal
}

/**
 * Connects to an https origin. Undefined if it cannot connect in time, or the server has no certificate.
 */
export async function lookAtCertificate(
  origin: string,
  { ignoresErrors, signal }: LookOptions,
): Promise<SeenCertificate | undefined> {
  const { hostname, port } = new URL(origin)
  const host = hostname.replace(/^\[|\]$/g, '')
  try {
    await resolvable(host, signal)
  } catch {
    return undefined
  }
  return new Promise(resolve => {
    const socket = tls.connect({
      host,
      port: Number(port || 443),
      ...(isIP(host) === 0 && { servername: host }),
      // What is wrong is reported, not thrown.
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
    })
    const end = (seen?: SeenCertificate) => {
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      resolve(seen)
    }
    const onAbort = () => end()
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort)
    socket.once('error', onAbort)
    socket.once('secureConnect', () => {
      const chain = chainOf(socket.getPeerCertificate(true))
      const [own] = chain
      const problem = ignoresErrors || !own ? undefined : problemOf(socket, host, own)
      // Clients pass by what has expired of a chain that they trust: an old cross-signed certificate.
      const used = chain.filter(
        (each, index) => index === 0 || !socket.authorized || Date.parse(each.valid_to) > Date.now(),
      )
      end(own && seenIn(own, used, problem))
    })
  })
}

/** The server's own first. A chain ends with a certificate that is its own issuer, or where the server has sent no more. */
function chainOf(own: tls.DetailedPeerCertificate): tls.DetailedPeerCertificate[] {
  const chain: tls.DetailedPeerCertificate[] = []
  for (let next: tls.DetailedPeerCertificate | undefined = own; next?.valid_to; next = next.issuerCertificate) {
    if (chain.some(({ fingerprint256 }) => fingerprint256 === next?.fingerprint256)) break
    chain.push(next)
  }
  return chain
}

function seenIn(
  own: tls.DetailedPeerCertificate,
  chain: readonly tls.DetailedPeerCertificate[],
  problem: string | undefined,
): SeenCertificate {
  const ends = chain.map(({ valid_to }) => Date.parse(valid_to)).filter(time => !Number.isNaN(time))
  return {
    ...{ expiresAt: new Date(Math.min(...ends)), ownExpiresAt: new Date(own.valid_to) },
    ...{ subject: nameIn(own.subject), issuer: nameIn(own.issuer), problem },
  }
}

/** By the host name first: an unknown issuer would hide that. */
function problemOf(socket: tls.TLSSocket, host: string, own: tls.DetailedPeerCertificate): string | undefined {
  const mismatch = tls.checkServerIdentity(host, own)
  if (mismatch) return mismatch.message.replace(/\.+$/, '')
  // The error's code, although the type says Error.
  return socket.authorized ? undefined : reasonOf(String(socket.authorizationError))
}

const reasons: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its chain ends with a self-signed certificate that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its issuer is unknown; the server may not send the intermediate certificates',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its issuer is unknown; the server may not send the intermediate certificates',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  CERT_HAS_EXPIRED: 'it, or one of its chain, has expired',
}

const reasonOf = (code: string) => reasons[code] ?? code

function nameIn({ CN, O }: tls.Certificate): string {
  const [name] = [CN, O].flat().filter(text => text !== undefined && text !== '')
  return (name ?? 'an unnamed subject').replace(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, 200)
}
