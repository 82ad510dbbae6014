// Serves the API's description, OpenAPI 3.1, with the schemas that requests are validated against.
import { Router } from 'express'
import { body, json, problem, ref, schemas } from './openapi-schemas.ts'
import { resource } from './resource.ts'

/** `/openapi.json`. */
export function openApiRoutes(): Router {
  const document = openApiDocument()
  const router = Router()
  resource(router, '/openapi.json', { get: [(_request, response) => void response.json(document)] })
  return router
}

/** The response of `/openapi.json`. */
export function openApiDocument() {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Users',
      version: '1.0.0',
      description:
        'Any response may be a problem document (RFC 9457): 503 with Retry-After while the database is unreachable, 500 for an error of the service, 405 with Allow. A request may set its id with X-Request-Id (up to 64 letters, digits, dots, dashes and underscores); each response has one.',
    },
    paths: {
      '/users': {
        get: {
          summary: 'Lists users, newest first',
          parameters: [
            query('limit', 'The maximum number of users.', { type: 'integer', minimum: 1, maximum: 100, default: 20 }),
            query('cursor', 'Where the page starts. Opaque: follow next instead of building it.', { type: 'string' }),
            query('email', 'Only the user with this address, regardless of case.', { type: 'string', format: 'email' }),
          ],
          responses: {
            200: json('A page of users. next is the path of the page after it, or null on the last.', ref('UserPage')),
            400: problem('A parameter is not valid: see errors.'),
          },
        },
        post: {
          summary: 'Adds a user',
          requestBody: body('UserDraft'),
          responses: {
            201: { ...json('The new user.', ref('User')), headers: { Location: { schema: { type: 'string' } } } },
            ...bodyProblems,
          },
        },
      },
      '/users/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }],
        get: { summary: 'One user', responses: { 200: json('The user.', ref('User')), 404: noSuchUser } },
        patch: {
          summary: 'Changes the given members; the last write wins',
          requestBody: body('UserChange'),
          responses: { 200: json('The changed user.', ref('User')), 404: noSuchUser, ...bodyProblems },
        },
        delete: { summary: 'Removes a user', responses: { 204: { description: 'Removed.' }, 404: noSuchUser } },
      },
      '/plans': { get: { summary: 'All plans', responses: { 200: json('The plans, by name.', ref('PlanList')) } } },
      '/healthz': { get: { summary: 'Whether the process is alive', responses: { 200: json('It is.', {}) } } },
      '/readyz': {
        get: {
          summary: 'Whether the database responds',
          responses: { 200: json('It does.', {}), 503: problem('It does not.') },
        },
      },
      '/openapi.json': { get: { summary: 'This document', responses: { 200: json('OpenAPI 3.1.', {}) } } },
    },
    components: { schemas },
  }
}

const noSuchUser = problem('No user has this id; also for an id that is not a UUID.')

const bodyProblems = {
  400: problem('The body is not JSON.'),
  409: problem('The email address is taken, regardless of case: type urn:problem-type:email-taken.'),
  413: problem('The body is larger than 16 kB.'),
  415: problem('The body is not application/json in UTF-8.'),
  422: problem('The body is not valid: type urn:problem-type:invalid-request, see errors.'),
}

function query(name: string, description: string, schema: object) {
  return { name, in: 'query', description, schema }
}
