/** Sentences that send requests. */
import { textOf } from '../parse/template.ts'
import { mediaTypeOf, readNamedFile } from '../run/files.ts'
import type { NamedFile, RequestContent } from '../run/request-content.ts'
import type { RunningScenario } from '../run/running-scenario.ts'
import { pagesOf } from '../run/scenario-pages.ts'
import { defineSentence } from './define-sentence.ts'

export const requests = [
  defineSentence(
    'Go To {url}',
    async ({ scenario }, url) => {
      const target = scenario.goTo(url)
      if (scenario.page) await pagesOf(scenario.page).open(target)
    },
    {
      meaning: 'sets the base URL for the following sentences; opens the page too if the scenario uses a browser',
      example: 'Go To https://api.example.com/users',
    },
  ),
  defineSentence('{method}', ({ request, scenario }, method) => scenario.send(request, { method }), {
    meaning: 'sends a request to the URL of the last Go To',
    example: 'GET',
  }),
  defineSentence('{method} {url}', ({ request, scenario }, method, url) => scenario.send(request, { method, url }), {
    meaning: 'sends a request',
    example: 'GET /users/${id}',
  }),
  defineSentence('{method} {body}', ({ request, scenario }, method, body) => scenario.send(request, { method, body }), {
    meaning: 'sends a request with a body to the URL of the last Go To',
    example: 'POST {"email": "ada@example.com", "name": "Ada"}',
  }),
  defineSentence(
    '{method} {url} {value}',
    ({ request, scenario }, method, url, body) => scenario.send(request, { method, url, body }),
    { meaning: 'sends a request with a body', example: 'PATCH /users/${id} {"name": "Ada King"}' },
  ),
  defineSentence(
    '{method} Form {json}',
    ({ request, scenario }, method, form) => scenario.send(request, { method, form: formOf(form) }),
    { meaning: 'sends a form to the URL of the last Go To', example: 'POST Form {"user": "ada"}' },
  ),
  defineSentence(
    '{method} {url} Form {json}',
    ({ request, scenario }, method, url, form) => scenario.send(request, { method, url, form: formOf(form) }),
    {
      meaning: 'sends a form, as a browser does',
      example: 'POST /login Form {"user": "ada", "password": "${secret:PASSWORD}"}',
    },
  ),
  defineSentence(
    '{method} {url} Multipart {json}',
    async ({ request, scenario }, method, url, parts) =>
      scenario.send(request, { method, url, multipart: await partsOf(scenario, parts) }),
    {
      meaning:
        'sends a form with files, whose paths are relative to the folder of this one; a list is sent as several parts of that name',
      example: 'POST /pictures Multipart {"title": "Ada", "picture": {"file": "ada.png"}}',
    },
  ),
  defineSentence(
    '{method} {url} File {string}',
    async ({ request, scenario }, method, url, file) => {
      const body = await readNamedFile(scenario.folder, file)
      return scenario.send(request, { method, url, body, contentType: await mediaTypeOf(file) })
    },
    { meaning: 'sends the content of a file, unchanged', example: 'POST /users File "bodies/ada.json"' },
  ),
  defineSentence(
    '{method} {url} With Query {json}',
    ({ request, scenario }, method, url, query) => scenario.send(request, { method, url, query: membersOf(query) }),
    {
      meaning: 'sends a request with this query: a value or a list of values for each name; null is left out',
      example: 'GET /users With Query {"plan": "free", "page": 2}',
    },
  ),
  defineSentence('With Query {json}', ({ scenario }, query) => scenario.setQuery(membersOf(query)), {
    meaning: 'adds to the query of the next request',
    example: 'With Query {"plan": "free", "page": 2}',
  }),
  defineSentence('Send {word} {url}', ({ request, scenario }, method, url) => scenario.send(request, { method, url }), {
    meaning: 'sends a request with any method',
    example: 'Send PROPFIND /files',
  }),
  defineSentence(
    'Send {word} {url} {value}',
    ({ request, scenario }, method, url, body) => scenario.send(request, { method, url, body }),
    { meaning: 'sends a request with any method and a body', example: 'Send QUERY /users {"plan": "free"}' },
  ),
  defineSentence(
    'GraphQL {url} {string}',
    ({ request, scenario }, url, query) => scenario.send(request, { method: 'POST', url, body: { query } }),
    {
      meaning: 'sends a query or a mutation of GraphQL; it can be a text over several lines',
      example: 'GraphQL /graphql "{ users { name } }"',
    },
  ),
  defineSentence(
    'GraphQL {url} With Variables {json} {string}',
    ({ request, scenario }, url, variables, query) =>
      scenario.send(request, { method: 'POST', url, body: { query, variables } }),
    {
      meaning: 'the same with variables',
      example: 'GraphQL /graphql With Variables {"id": 7} "query ($id: ID!) { user(id: $id) { name } }"',
    },
  ),
  defineSentence('Do Not Follow Redirects', ({ scenario }) => scenario.followRedirects(false), {
    meaning: 'a redirect is the response of each following request',
    example: 'Do Not Follow Redirects',
  }),
  defineSentence('Follow Redirects', ({ scenario }) => scenario.followRedirects(true), {
    meaning: 'redirects are followed again, as they are at the start of a scenario',
    example: 'Follow Redirects',
  }),
  defineSentence('Set Header {word} To {text}', ({ scenario }, name, value) => scenario.setHeader(name, value), {
    meaning: 'sends a header with each following request',
    example: 'Set Header Accept-Language To "de"',
  }),
  defineSentence(
    'Set Headers {json}',
    ({ scenario }, headers) => {
      for (const [name, value] of Object.entries(membersOf(headers))) scenario.setHeader(name, textOf(value))
    },
    {
      meaning: 'sends headers with each following request',
      example: 'Set Headers {"Accept": "text/csv", "X-Tenant": "7"}',
    },
  ),
  defineSentence('Remove Header {word}', ({ scenario }, name) => scenario.removeHeader(name), {
    meaning: 'sends this header no more',
    example: 'Remove Header Authorization',
  }),
  defineSentence(
    'Bearer Token Is {text}',
    ({ scenario }, token) => scenario.setHeader('authorization', `Bearer ${token}`),
    { meaning: 'sends a bearer token with each following request', example: 'Bearer Token Is ${secret:API_TOKEN}' },
  ),
]

function formOf(form: unknown): NonNullable<RequestContent['form']> {
  if (typeof form !== 'object' || form === null || Array.isArray(form)) {
    throw new Error('A form must be JSON in braces, with a text for each field: {"user": "ada"}.')
  }
  return Object.fromEntries(
    Object.entries(form).map(([name, value]) => [name, Array.isArray(value) ? value.map(textOf) : textOf(value)]),
  )
}

async function partsOf(scenario: RunningScenario, parts: unknown): Promise<NonNullable<RequestContent['multipart']>> {
  const read = async (value: unknown): Promise<string | NamedFile> => {
    const { file, type, name }: { file?: unknown; type?: unknown; name?: unknown } = Object(value)
    if (typeof file !== 'string') return textOf(value)
    const buffer = await readNamedFile(scenario.folder, file)
    const mimeType = typeof type === 'string' ? type : await mediaTypeOf(file)
    return { name: typeof name === 'string' ? name : file.replace(/^.*[/\\]/, ''), mimeType, buffer }
  }
  const entries = Object.entries(membersOf(parts)).map(
    async ([name, value]) =>
      [name, Array.isArray(value) ? await Promise.all(value.map(read)) : await read(value)] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}

function membersOf(json: unknown): Readonly<Record<string, unknown>> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return { ...json }
  throw new Error(`This must be JSON in braces, with a value for each name, not ${JSON.stringify(json)}.`)
}
