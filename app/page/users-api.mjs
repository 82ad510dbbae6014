// Calls the API from the page.

/** @typedef {{ id: string, email: string, name: string, plan: string, createdAt: string }} User */
/** @typedef {{ id: string, name: string }} Plan */
/** @typedef {{ users: User[], next: string | null }} UserPage */

/** A failed request, with a message for the user. */
export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {number} status 0 if there was no response
   * @param {{ pointer?: string, detail: string }[]} errors
   */
  constructor(message, status, errors) {
    super(message)
    this.status = status
    this.errors = errors
  }
}

/** @param {string} path @returns {Promise<UserPage>} */
export async function listUsers(path) {
  return (await send('GET', path)).json()
}

/** @returns {Promise<{ plans: Plan[] }>} */
export async function listPlans() {
  return (await send('GET', '/plans')).json()
}

/** @param {object} draft @returns {Promise<User>} */
export async function addUser(draft) {
  return (await send('POST', '/users', draft)).json()
}

/** Deletes a user. One that was deleted meanwhile (404) is no error. @param {string} id */
export async function removeUser(id) {
  await send('DELETE', `/users/${encodeURIComponent(id)}`).catch(error => {
    if (!(error instanceof ApiError && error.status === 404)) throw error
  })
}

/** @param {string} method @param {string} path @param {object} [body] */
async function send(method, path, body) {
  const content = body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch(path, { method, ...content }).catch(() => {
    throw new ApiError('The service cannot be reached. Check your connection and try again.', 0, [])
  })
  if (response.ok) return response
  // A proxy may respond with something other than a problem document.
  const problem = await response.json().catch(() => ({}))
  const message = problem.detail ?? `The service answered ${response.status}. Try again.`
  throw new ApiError(message, response.status, problem.errors ?? [])
}
