/** Recognizes who has sent a request, refuses requests in another's name, and lets operators sign in and out. */
import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import { type Viewer, viewerOf } from '../viewer.ts'
import type { Visibility } from '../visibility.ts'
import { type FailedAttempts, failedAttempts } from './failed-attempts.ts'
import { localPath } from './local-path.ts'
import { operatorName } from './operator-name.ts'
import type { OperatorSettings } from './operator-settings.ts'
import { tokenMatcher } from './operator-token.ts'
import { isOwnHost } from './own-host.ts'
import { refuse } from './refusal-page.ts'
import { isOfSameOrigin } from './same-origin.ts'
import { cookieName, cookieOptions, cookiesOf, type Sessions, sessionMs, sessionsOf } from './session.ts'
import { signInPage } from './sign-in-page.ts'

export interface AccessOptions {
  operators: OperatorSettings
  /** REPRISE_URL. */
  publicUrl: string | undefined
  /** REPRISE_ALLOWED_HOSTS. */
  allowedHosts: readonly string[]
  /** Called for each request. */
  visibility(viewer: Viewer): Visibility
}

/** What a token is compared with, and who has failed to present it. */
interface TokenAccess {
  isToken(given: string): boolean
  sessions: Sessions
  attempts: FailedAttempts
}

/** To be used before all routes. */
export function access({ operators, publicUrl, allowedHosts, visibility }: AccessOptions): Router {
  const { token } = operators
  const byToken = token === undefined ? undefined : tokenAccess(token, publicUrl)
  const isSecure = (request: Request) => request.secure || (publicUrl ?? '').startsWith('https:')
  const router = Router()
  router.use((request, response, next) => {
    // Probes request it by whatever name.
    const isProbe = /^\/healthz\/?$/i.test(request.path)
    if (isProbe || isOwnHost(request.headers.host, { publicUrl, allowed: allowedHosts })) next()
    else refuse(request, response, 421, otherHost)
  })
  router.use(identify(operators, byToken, isSecure))
  const ofOwnPage: RequestHandler = (request, response, next) => {
    if (isOfSameOrigin(request, publicUrl)) next()
    else refuse(request, response, 403, foreign)
  }
  router.use((request, response, next) => {
    if (isAmbient(request, viewerOf(response))) ofOwnPage(request, response, next)
    else next()
  })
  router.get('/sign-in', ({ query }, response) => {
    response.send(signInPage(viewerOf(response), { next: localPath(query.next) }))
  })
  router.post('/sign-in', ofOwnPage, form, async (request, response) => {
    if (!byToken) return void response.status(403).send(signInPage(viewerOf(response), { next: '/' }))
    await signIn(request, response, byToken, isSecure(request))
  })
  router.post('/sign-out', ofOwnPage, (request, response) => {
    const secure = isSecure(request)
    if (byToken) response.clearCookie(cookieName(byToken.sessions, secure), cookieOptions(secure))
    response.redirect(303, '/')
  })
  router.use((request, response, next) => {
    const visible = visibility(viewerOf(response))
    response.locals.visibility = visible
    if (visible.mayRequest(request.path)) return next()
    refuseVisitor(request, response, visible)
  })
  return router
}

/** What is requested is not public. */
function refuseVisitor(request: Request, response: Response, { isNothing }: Visibility): void {
  const viewer = viewerOf(response)
  const mayVisit = viewer.kind === 'public' && viewer.maySignIn === true
  const isPage = request.method === 'GET' && request.accepts(['json', 'html']) === 'html'
  if (mayVisit && isPage && !request.path.startsWith('/api/')) {
    response.redirect(303, `/sign-in?next=${encodeURIComponent(localPath(request.originalUrl))}`)
    return
  }
  refuse(
    request,
    response,
    mayVisit ? 401 : 403,
    mayVisit
      ? 'This is shown to operators only.'
      : !isNothing
        ? 'This is not public.'
        : 'Nothing of this page is public. Its operator releases checks with statusPage.public in monitor.config.ts, or sets REPRISE_OPERATOR_TOKEN to sign in.',
  )
}

const tokenAccess = (token: string, publicUrl: string | undefined): TokenAccess => ({
  isToken: tokenMatcher(token),
  sessions: sessionsOf(token, publicUrl),
  attempts: failedAttempts(),
})

const otherHost =
  'This monitor does not answer to the host name of this address. Set REPRISE_URL to the address of the page, or list the ' +
  'name in REPRISE_ALLOWED_HOSTS.'

const foreign =
  'This request did not come from a page of this monitor, so nothing was changed. If a proxy is in front of it, set ' +
  'REPRISE_URL to the address that the browser shows.'

/** Browsers send cookies, and proxies add their header, also to what a page of another site has sent. */
function isAmbient({ method }: Request, viewer: Viewer): boolean {
  if (['GET', 'HEAD', 'OPTIONS'].includes(method)) return false
  return viewer.kind === 'operator' && viewer.means !== 'token'
}

/** Whether a request with a wrong token is refused, and not answered as that of a visitor. */
const needsToken = ({ method, path }: Request) =>
  /^\/api\//i.test(path) || (method === 'POST' && !/^\/sign-(in|out)\/?$/i.test(path))

function identify(
  operators: OperatorSettings,
  byToken: TokenAccess | undefined,
  isSecure: (request: Request) => boolean,
): RequestHandler {
  return async (request, response, next) => {
    const bearer = bearerOf(request)
    // In spite of the wrong tokens that others have sent from the same address: it is too long to be guessed.
    const isBearer = byToken !== undefined && bearer !== undefined && byToken.isToken(bearer)
    const named = isBearer ? undefined : namedByProxy(request, operators)
    const cookies = byToken ? cookiesOf(request, byToken.sessions, isSecure(request)) : []
    const inSession = cookies.map(cookie => byToken?.sessions.nameIn(cookie, Date.now())).find(Boolean)
    const viewer: Viewer = isBearer
      ? { kind: 'operator', name: 'token', means: 'token' }
      : named !== undefined
        ? { kind: 'operator', name: named, means: 'proxy' }
        : inSession
          ? { kind: 'operator', name: inSession, means: 'session' }
          : { kind: 'public', maySignIn: byToken !== undefined }
    response.locals.viewer = viewer
    // A proxy that signs users in may pass on a token of its own.
    const isWrong = bearer !== undefined && viewer.kind === 'public' && needsToken(request)
    if (!byToken || !isWrong) return next()
    const wait = await byToken.attempts.waitSeconds(request.ip)
    if (wait > 0) return refuseFor(wait, request, response)
    await byToken.attempts.note(request.ip)
    refuse(request, response, 401, 'This is not the token of the operators.')
  }
}

const bearerOf = ({ headers }: Request) => /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]

/**
 * A header that occurs twice is not believed: a proxy that adds its own to that of the client has not removed the
 * client's.
 */
function namedByProxy(request: Request, { identityHeader, isTrustedProxy }: OperatorSettings): string | undefined {
  if (identityHeader === undefined || !isTrustedProxy(request.socket.remoteAddress)) return undefined
  const [value, ...more] = request.headersDistinct[identityHeader] ?? []
  return value === undefined || more.length > 0 ? undefined : operatorName(decoded(value))
}

/** Node reads headers as Latin-1; proxies write names in UTF-8. */
function decoded(header: string): string {
  const bytes = Buffer.from(header, 'latin1')
  const text = bytes.toString('utf8')
  return text.includes('\ufffd') ? header : text
}

function refuseFor(seconds: number, request: Request, response: Response): void {
  response.set('Retry-After', String(seconds))
  refuse(request, response, 429, 'Too many wrong tokens were sent from this address. Try again later.')
}

const form = express.urlencoded({ extended: false, limit: '4kb', parameterLimit: 10 })

async function signIn(request: Request, response: Response, byToken: TokenAccess, isSecure: boolean): Promise<void> {
  if (!request.is('application/x-www-form-urlencoded')) {
    return refuse(request, response, 415, 'Send a form: application/x-www-form-urlencoded.')
  }
  const { name: entered, token, next } = Object(request.body)
  const isToken = typeof token === 'string' && byToken.isToken(token)
  const wait = isToken ? 0 : await byToken.attempts.waitSeconds(request.ip)
  if (wait > 0) return refuseFor(wait, request, response)
  const again = (refusal: string) => {
    const name = typeof entered === 'string' ? { name: entered } : {}
    response.status(401).set('WWW-Authenticate', 'Bearer realm="Reprise"')
    response.send(signInPage(viewerOf(response), { next: localPath(next), ...name, refusal }))
  }
  if (!isToken) {
    await byToken.attempts.note(request.ip)
    return again('This is not the token of the operators.')
  }
  const name = typeof entered === 'string' ? operatorName(entered) : undefined
  if (name === undefined) return again('Enter your name, with at most 100 characters and no invisible ones.')
  response.cookie(cookieName(byToken.sessions, isSecure), byToken.sessions.begin(name, Date.now()), {
    ...cookieOptions(isSecure),
    maxAge: sessionMs,
  })
  response.redirect(303, localPath(next))
}
