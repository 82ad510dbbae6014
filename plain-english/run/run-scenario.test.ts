import { type Service, startService } from '../../fixtures/testing/service.ts'
import { expect, test } from '../../testing/test.ts'
import { defineSentence } from '../sentences/define-sentence.ts'
import { runLocally } from '../testing/local-run.ts'
import { stepParams } from './step-params.ts'

const xml: Readonly<Record<string, string>> = {
  '/constructor.xml': '<a><constructor>1</constructor></a>',
  '/entities.xml': `<!DOCTYPE a [${Array.from({ length: 2000 }, (_, n) => `<!ENTITY e${n} "x">`).join('')}]><a>&e1;</a>`,
  '/deep.xml': `${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`,
}

process.env.SAVED_KEY = 'secret-4711'

let service: Service
let other: Service

test.beforeAll(async () => {
  const start = () =>
    startService(({ url = '' }, response) => {
      const content = xml[url]
      if (content !== undefined) response.writeHead(200, { 'content-type': 'application/xml' }).end(content)
      else if (url.startsWith('/keep?to=')) {
        response.writeHead(307, { location: decodeURIComponent(url.slice('/keep?to='.length)) }).end()
      } else if (url === '/session') {
        response
          .writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'session=cookie-4711; Path=/' })
          .end(JSON.stringify({ accessToken: 'token-4711', user: { id: 7, password: 'word-4711' } }))
      } else return false
      return true
    })
  ;[service, other] = await Promise.all([start(), start()])
})

test.afterAll(() => Promise.all([service.close(), other.close()]))

test('a redirect to another origin is followed without credentials, and as GET without the headers of a body', async () => {
  const headers = `Set Header X-Other To "\${secret:SAVED_KEY}"
Set Headers {"X-Api-Key": "key", "X-Session-Token": "token", "Cookie": "a=b", "X-Tenant": "7"}
Bearer Token Is abcdef`
  const errors = await runLocally({
    baseURL: service.url,
    allow: [other.url],
    files: {
      'redirects.txt': `Scenario: elsewhere
${headers}
GET /away?to=${encodeURIComponent(`${other.url}/elsewhere`)}
Scenario: back again
${headers}
GET /away?to=${encodeURIComponent(`${other.url}/away?to=${encodeURIComponent(`${service.url}/back`)}`)}
Scenario: in the app
${headers}
POST /orders?to=/after {"ref": "1"}
Scenario: with its body
POST /keep?to=/orders {"ref": "2"}`,
    },
  })
  expect(Object.values(errors)).toEqual([undefined, undefined, undefined, undefined])
  const names = (from: Service, path: string) => {
    const found = from.seen.find(({ url }) => url === path)?.headers ?? {}
    const asked = ['authorization', 'cookie', 'x-api-key', 'x-session-token', 'x-other', 'x-tenant', 'content-type']
    return asked.filter(name => name in found)
  }
  expect(names(other, '/elsewhere')).toEqual(['x-tenant'])
  expect(names(service, '/back')).toEqual(['x-tenant'])
  const own = ['authorization', 'cookie', 'x-api-key', 'x-session-token', 'x-other', 'x-tenant']
  expect(names(service, '/after')).toEqual(own)
  expect([...service.rows.values()]).toContainEqual(expect.objectContaining({ ref: '2' }))
})

test('a response whose XML the parser refuses has a status, and the reason is in the errors of sentences about data', async () => {
  const scenarios = Object.keys(xml).map(
    path => `Scenario: ${path}
GET ${path}
Status Code Should Be 200
Response Should Be XML
Scenario: data of ${path}
GET ${path}
Field a Should Exist`,
  )
  const errors = await runLocally({ baseURL: service.url, files: { 'xml.txt': scenarios.join('\n') } })
  for (const path of Object.keys(xml)) expect.soft(errors[path]).toBeUndefined()
  expect(errors['data of /constructor.xml']).toMatch(
    /The response cannot be read as data: application\/xml, .*constructor/,
  )
})

test('a redirect to a host that requests may not be sent to can be asserted', async () => {
  const errors = await runLocally({
    baseURL: service.url,
    origins: ['https://shop.example.com'],
    files: {
      'redirect.txt': `Do Not Follow Redirects
GET /away?to=https://login.example.org/start
Response Should Redirect To https://login.example.org/start
GET /away?to=/users
Response Should Redirect To https://shop.example.com/users`,
    },
  })
  expect(errors).toEqual({ redirect: undefined })
})

test('paths in a file that is included are relative to that file', async () => {
  const description = JSON.stringify({
    openapi: '3.1.0',
    paths: {
      '/orders/1': { get: { responses: { 404: { description: 'none', content: { 'application/json': {} } } } } },
    },
  })
  const errors = await runLocally({
    baseURL: service.url,
    files: {
      'main.txt': `Include "shared/steps.txt"
Scenario: files
As "guest"
POST /orders File "own.json"
Status Code Should Be 201
GET /orders/1
Response Should Match The API Description`,
      'own.json': '{"ref": "own"}',
      'shared/steps.txt': `The API Description Is "data/openapi.json"
POST /orders File "data/order.json"
Status Code Should Be 201
Login: guest
Use Storage State "data/guest.json"`,
      'shared/data/order.json': '{"ref": "shared"}',
      'shared/data/openapi.json': description,
      'shared/data/guest.json': '{"cookies": [], "origins": []}',
    },
  })
  expect(errors).toEqual({ files: undefined })
})

test('what was saved from a secret or a cookie is not shown beside sentences, and refused in URLs', async () => {
  const shown: Record<string, string>[] = []
  const look = defineSentence('Look', ({ scenario }) => {
    const text = '${header} ${copy} ${session} ${token} ${cookie} ${named} ${plain} ${link} ${text}'
    shown.push(stepParams(text, scenario.variables, one => one.replaceAll('secret-4711', '***')))
  })
  const errors = await runLocally({
    baseURL: service.url,
    sentences: [look],
    files: {
      'saved.txt': `Scenario: shown
Save Value "Key \${secret:SAVED_KEY}" As header
Save Value {"key": "\${header}"} As copy
GET /session
Save Response As session
Save Field accessToken As token
Save Cookie session As cookie
Save Header Set-Cookie As named
Save Field user.id As plain
Save Value "https://example.com/?reset_token=link-4711&id=7" As link
Save Value "a-secret-4711" As text
Look
Scenario: a cookie in a URL
GET /session
Save Cookie session As cookie
GET /x?key=\${cookie}
Scenario: a cookie in a query
GET /session
Save Cookie session As cookie
GET /x With Query {"key": "\${cookie}"}`,
    },
  })
  expect(errors.shown).toBeUndefined()
  expect(shown).toEqual([
    {
      session: '{"accessToken":"[redacted]","user":{"id":7,"password":"[redacted]"}}',
      plain: '7',
      link: 'https://example.com/?reset_token=[redacted]&id=7',
      text: 'a-***',
    },
  ])
  expect(JSON.stringify(shown)).not.toContain('4711')
  for (const title of ['a cookie in a URL', 'a cookie in a query']) {
    expect(errors[title]).toContain(
      'The variable cookie was saved from a secret or a cookie, which is not allowed in a URL',
    )
  }
  expect(service.seen.filter(({ url }) => url.startsWith('/x'))).toEqual([])
})
