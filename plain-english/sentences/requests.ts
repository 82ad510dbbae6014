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
      meaning: 'opens the base for what follows; where a browser is used, the page as well',
      example: 'Go To https://api.example.com/users',
    },
  ),
  defineSentence('{method}', ({ request, scenario }, method) => scenario.send(request, { method }), {
    meaning: 'sends a request to where the last Go To leads',
    example: 'GET',
  }),
  defineSentence('{method} {url}', ({ request, scenario }, method, url) => scenario.send(request, { method, url }), {
    meaning: 'sends a request',
    example: 'GET /users/${id}',
  }),
  defineSentence('{method} {body}', ({ request, scenario }, method, body) => scenario.send(request, { method, body }), {
    meaning: 'sends a request with a body to where the last Go To leads',
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
    { meaning: 'sends a form to where the last Go To leads', example: 'POST Form {"user": "ada"}' },
  ),
  defineSentence(
    '{method} {url} Form {json}',
    ({ request, scenario }, method, url, form) => scenario.send(request, { method, url, form: formOf(form) }),
    {
      meaning: 'sends a form, as a page does',
      example: 'POST /login Form {"user": "ada", "password": "${secret:PASSWORD}"}',
    },
  ),
  defineSentence('Set Header {word} To {text}', ({ scenario }, name, value) => scenario.setHeader(name, value), {
    meaning: 'sends a header with each request that follows',
    example: 'Set Header Accept-Language To "de"',
  }),
  defineSentence(
    'Bearer Token Is {text}',
    ({ scenario }, token) => scenario.setHeader('authorization', `Bearer ${token}`),
    { meaning: 'signs each request that follows with a token', example: 'Bearer Token Is ${secret:API_TOKEN}' },
  ),
]

function formOf(form: unknown): Record<string, string> {
  if (typeof form !== 'object' || form === null || Array.isArray(form)) {
    throw new Error('A form is JSON in braces, with a text for each of its fields: {"user": "ada"}.')
  }
  return Object.fromEntries(
    Object.entries(form).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  )
}
