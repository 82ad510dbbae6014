// Handles the requests about users.
import { type Request, Router } from 'express'
import type { Pool } from 'pg'
import { jsonBody } from '../json-body.ts'
import { Problem } from '../problem.ts'
import { resource } from '../resource.ts'
import { validBody, validQuery } from '../validation.ts'
import { encodeCursor } from './cursor.ts'
import { isUserId, type User, UserChange, UserDraft, UserQuery } from './schema.ts'
import { userStore } from './store.ts'

/** `/users` and `/users/{id}`. @param welcome Called for each new user, before the response. */
export function userRoutes(pool: Pool, welcome: (user: User) => Promise<void>): Router {
  const store = userStore(pool)
  const router = Router()

  resource(router, '/users', {
    get: [
      async (request, response) => {
        const query = validQuery(UserQuery, request.query)
        // One more than requested shows whether there is a next page.
        const users = await store.list({ limit: query.limit + 1, after: query.cursor, email: query.email })
        const page = users.slice(0, query.limit)
        response.json({ users: page, next: users.length > page.length ? nextPage(query, page) : null })
      },
    ],
    post: [
      ...jsonBody(),
      async (request, response) => {
        const user = await store.add(validBody(UserDraft, request.body))
        await welcome(user)
        response.status(201).location(`/users/${user.id}`).json(user)
      },
    ],
  })

  resource(router, '/users/:id', {
    get: [async (request, response) => void response.json(found(await store.find(userId(request))))],
    patch: [
      ...jsonBody(),
      async (request, response) => {
        const change = validBody(UserChange, request.body)
        response.json(found(await store.change(userId(request), change)))
      },
    ],
    delete: [
      async (request, response) => {
        if (!(await store.remove(userId(request)))) throw noSuchUser()
        response.status(204).end()
      },
    ],
  })

  return router
}

function nextPage({ limit, email }: UserQuery, page: User[]): string | null {
  const last = page.at(-1)
  if (last === undefined) return null
  const cursor = encodeCursor({ createdAt: new Date(last.createdAt), id: last.id })
  return `/users?${new URLSearchParams({ limit: String(limit), ...(email !== undefined && { email }), cursor })}`
}

/** Invalid ids get the response for unknown ones: clients need no second case. */
function userId(request: Request): string {
  const { id } = request.params
  if (!isUserId(id)) throw noSuchUser()
  return id
}

function found(user: User | undefined): User {
  if (user === undefined) throw noSuchUser()
  return user
}

function noSuchUser(): Problem {
  return new Problem(404, { detail: 'There is no user with this id.' })
}
