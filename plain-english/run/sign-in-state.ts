/** What a sign-in leaves behind: cookies, local storage, headers and variables. */
import type { APIRequestContext, BrowserContext } from '@playwright/test'
import type { RunningScenario, SentHeader } from './running-scenario.ts'

type StorageState = Awaited<ReturnType<BrowserContext['storageState']>>

export interface SignInState {
  storage: StorageState
  headers: readonly (readonly [string, SentHeader])[]
  variables: ReadonlyMap<string, unknown>
}

/** Of requests and of the page. */
export async function storageStateOf(scenario: RunningScenario, request: APIRequestContext): Promise<StorageState> {
  const states = [await request.storageState(), await scenario.page?.context().storageState()]
  const cookies = [...states.flatMap(state => state?.cookies ?? []), ...scenario.cookies.all]
  const unique = new Map(cookies.map(cookie => [`${cookie.domain} ${cookie.path} ${cookie.name}`, cookie]))
  return { cookies: [...unique.values()], origins: states.flatMap(state => state?.origins ?? []) }
}

/** Continues with the state, in requests and in the page. */
export async function restore(scenario: RunningScenario, { storage, headers, variables }: SignInState): Promise<void> {
  for (const [name, { value, shown }] of headers) scenario.setHeader(name, value, shown)
  for (const [name, value] of variables) scenario.variables.set(name, value)
  for (const cookie of storage.cookies) scenario.cookies.set(cookie)
  const context = scenario.page?.context()
  if (!context) return
  // Playwright before 1.59 sets only cookies in an open context.
  if ('setStorageState' in context) await context.setStorageState(storage)
  else await (context as BrowserContext).addCookies(storage.cookies)
}

/** Throws an error that names the file, if it holds no storage state. */
export function readState(file: string, content: Buffer): SignInState {
  const { cookies, origins = [] }: Partial<StorageState> = Object(parsed(String(content)))
  if (!cookies) {
    throw new Error(`The file ${JSON.stringify(file)} is no storage state: write it by context.storageState({ path }).`)
  }
  return { storage: { cookies, origins }, headers: [], variables: new Map() }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
