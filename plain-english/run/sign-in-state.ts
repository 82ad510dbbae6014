/** What a sign-in leaves behind: cookies, local storage, headers, variables and settings. */
import type { APIRequestContext, BrowserContext } from '@playwright/test'
import type { RunningScenario, ScenarioSettings, SentHeader } from './running-scenario.ts'
import type { NamedValue } from './variables.ts'

export type StorageState = Awaited<ReturnType<BrowserContext['storageState']>>

export interface SignInState {
  storage: StorageState
  headers: readonly (readonly [string, SentHeader])[]
  /** The names of headers that are sent no more. */
  removedHeaders: readonly string[]
  variables: ReadonlyMap<string, NamedValue>
  settings: Partial<ScenarioSettings>
}

/** Of requests and of the page. */
export async function storageStateOf(scenario: RunningScenario, request: APIRequestContext): Promise<StorageState> {
  const { cookies, origins } = await request.storageState()
  const ofRequests = { cookies: scenario.cookies.withoutRemoved(cookies), origins }
  const states = [ofRequests, await scenario.page?.context().storageState()]
  const ofScenario = { cookies: scenario.cookies.all, origins: [] }
  return merged([...states.filter(state => state !== undefined), ofScenario])
}

/** What has come or changed since `before`. A variable or a header that was set to its earlier value counts as changed. */
export async function stateSince(
  before: Omit<SignInState, 'removedHeaders'>,
  scenario: RunningScenario,
  request: APIRequestContext,
): Promise<SignInState> {
  const headers = new Map(before.headers)
  const { headers: sent, variables } = scenario
  const names = sent.map(([name]) => name)
  return {
    storage: difference(before.storage, await storageStateOf(scenario, request)),
    headers: sent.filter(([name, header]) => headers.get(name) !== header),
    removedHeaders: [...headers.keys()].filter(name => !names.includes(name)),
    variables: new Map([...variables.named].filter(([name, value]) => before.variables.get(name) !== value)),
    settings: changed(before.settings, scenario.settings),
  }
}

/** Whether there is nothing to continue with. */
export function isEmpty({ storage, headers, variables }: SignInState): boolean {
  return storage.cookies.length === 0 && storage.origins.length === 0 && headers.length === 0 && variables.size === 0
}

/** Continues with the state, in requests and in the page. */
export async function restore(scenario: RunningScenario, state: SignInState): Promise<void> {
  const { storage, headers, removedHeaders, variables, settings } = state
  for (const [name, { value, shown }] of headers) scenario.setHeader(name, value, shown)
  for (const name of removedHeaders) scenario.removeHeader(name)
  // Behind the headers, which replace the credentials for Digest authentication.
  scenario.continueWith(settings)
  for (const [name, { value, exposure }] of variables) scenario.variables.set(name, value, exposure)
  for (const cookie of storage.cookies) scenario.cookies.set(cookie)
  const context = scenario.page?.context()
  if (!context) return
  // Playwright before 1.59 sets only cookies in an open context.
  if ('setStorageState' in context) {
    // It replaces all of the state.
    await context.setStorageState(merged([await context.storageState(), storage]))
  } else await (context as BrowserContext).addCookies(storage.cookies)
}

/** Throws an error that names the file, if it holds no storage state. */
export function readState(file: string, content: Buffer): SignInState {
  const { cookies, origins = [] } = partsIn(content)
  if (!Array.isArray(cookies)) {
    throw new Error(`The file ${JSON.stringify(file)} is no storage state: write it by context.storageState({ path }).`)
  }
  return { storage: { cookies, origins }, headers: [], removedHeaders: [], variables: new Map(), settings: {} }
}

export function isStorageState(content: Buffer): boolean {
  return Array.isArray(partsIn(content).cookies)
}

function partsIn(content: Buffer): Partial<StorageState> {
  try {
    return Object(JSON.parse(String(content)))
  } catch {
    return {}
  }
}

/** Later states replace the cookies and the entries of local storage that earlier ones have. */
function merged(states: readonly StorageState[]): StorageState {
  const cookies = new Map(states.flatMap(state => state.cookies).map(cookie => [keyOf(cookie), cookie]))
  const origins = new Map<string, StorageState['origins'][number]>()
  for (const next of states.flatMap(state => state.origins)) {
    const earlier = origins.get(next.origin)?.localStorage ?? []
    const entries = new Map([...earlier, ...next.localStorage].map(entry => [entry.name, entry]))
    origins.set(next.origin, { ...next, localStorage: [...entries.values()] })
  }
  return { cookies: [...cookies.values()], origins: [...origins.values()] }
}

function difference(before: StorageState, after: StorageState): StorageState {
  const cookies = new Map(before.cookies.map(cookie => [keyOf(cookie), cookie.value]))
  const origins = new Map(before.origins.map(({ origin, localStorage }) => [origin, localStorage]))
  const isNew = (origin: string, entry: { name: string; value: string }) =>
    !origins.get(origin)?.some(({ name, value }) => name === entry.name && value === entry.value)
  return {
    cookies: after.cookies.filter(cookie => cookies.get(keyOf(cookie)) !== cookie.value),
    origins: after.origins
      .map(one => ({ ...one, localStorage: one.localStorage.filter(entry => isNew(one.origin, entry)) }))
      .filter(({ localStorage }) => localStorage.length > 0),
  }
}

function changed<T extends object>(before: T, after: T): Partial<T> {
  const members = Object.entries(after).filter(([name, value]) => Reflect.get(before, name) !== value)
  return Object.fromEntries(members) as Partial<T>
}

function keyOf({ domain, path, name }: StorageState['cookies'][number]): string {
  return `${domain} ${path} ${name}`
}
