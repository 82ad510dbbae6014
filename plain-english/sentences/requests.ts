/** Sentences that send requests. */
import { defineSentence } from './define-sentence.ts'

export const requests = [
  defineSentence(
    'Go To {url}',
    async ({ scenario }, url) => {
      const target = scenario.goTo(url)
      await scenario.page?.goto(target)
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
  defineSentence('Set Header {word} To {text}', ({ scenario }, name, value) => scenario.setHeader(name, value), {
    meaning: 'sends a header with each following request',
    example: 'Set Header Accept-Language To "de"',
  }),
  defineSentence(
    'Bearer Token Is {text}',
    ({ scenario }, token) => scenario.setHeader('authorization', `Bearer ${token}`),
    { meaning: 'sends a bearer token with each following request', example: 'Bearer Token Is ${secret:API_TOKEN}' },
  ),
]

function formOf(form: unknown): Record<string, string> {
  if (typeof form !== 'object' || form === null || Array.isArray(form)) {
    throw new Error('A form must be JSON in braces, with a text for each field: {"user": "ada"}.')
  }
  return Object.fromEntries(
    Object.entries(form).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  )
}
