/** Signs in at the first scenario of a worker that needs a login, and reuses what that leaves behind. */
import type { APIRequestContext } from '@playwright/test'
import type { Login } from '../compile/parameters.ts'
import type { RunningScenario } from './running-scenario.ts'
import { isEmpty, restore, type SignInState, stateSince, storageStateOf } from './sign-in-state.ts'

/** By the app and the place of the login. Only of this worker. */
const states = new Map<string, SignInState>()

export async function signInOnce(scenario: RunningScenario, request: APIRequestContext, login: Login): Promise<void> {
  const key = JSON.stringify([scenario.url('/'), login.key])
  const known = states.get(key)
  if (known) return restore(scenario, known)
  const before = {
    variables: scenario.variables.named,
    headers: scenario.headers,
    settings: scenario.settings,
    storage: await storageStateOf(scenario, request),
  }
  await login.run()
  const state = await stateSince(before, scenario, request)
  // A login can also mark a session that was there before as signed in, which the next scenario does not have.
  if (!isEmpty(state)) states.set(key, state)
}
