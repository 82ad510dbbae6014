/** Signs in at the first scenario of a worker that needs a login, and reuses what that leaves behind. */
import type { APIRequestContext } from '@playwright/test'
import type { Login } from '../compile/parameters.ts'
import type { RunningScenario } from './running-scenario.ts'
import { restore, type SignInState, storageStateOf } from './sign-in-state.ts'

/** By the app, the file and the name of the login. Only of this worker. */
const states = new Map<string, SignInState>()

export async function signInOnce(scenario: RunningScenario, request: APIRequestContext, login: Login): Promise<void> {
  const key = JSON.stringify([scenario.url('/'), scenario.folder, login.name])
  const known = states.get(key)
  if (known) return restore(scenario, known)
  const before = scenario.variables.named
  await login.run()
  const variables = new Map([...scenario.variables.named].filter(([name, value]) => before.get(name) !== value))
  const storage = await storageStateOf(scenario, request)
  states.set(key, { storage, headers: scenario.headers, variables })
}
