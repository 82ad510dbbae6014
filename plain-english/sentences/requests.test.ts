import { type Service, startService } from '../../fixtures/testing/service.ts'
import { expect, test } from '../../testing/test.ts'
import { runLocally } from '../testing/local-run.ts'

let service: Service

test.beforeAll(async () => {
  let broken = 0
  service = await startService(({ url = '' }, response, _create, body = '') => {
    if (url === '/broken' && ++broken === 2) {
      response.destroy()
      return true
    }
    if (url === '/number' || (url === '/broken' && broken === 1)) {
      const status = url === '/number' ? 200 : 503
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"count": 0}')
      return true
    }
    const [status, text] = url === '/missing' ? [404, 'Nothing Here'] : [200, 'OK']
    response.writeHead(status, text, { 'content-type': 'application/json' }).end(JSON.stringify({ body }))
    return true
  })
})

test.afterAll(() => service.close())

test('a field of a form can have several values, and several files', async () => {
  const errors = await runLocally({
    baseURL: service.url,
    files: {
      'data/ada.txt': 'Dear Ada',
      'forms.txt': `Scenario: a form
POST /search Form {"plan": ["free", "pro"], "page": 2}
Field body Should Be "plan=free&plan=pro&page=2"

Scenario: a form with files
POST /letters Multipart {"tag": ["a", "b"], "letters": [{"file": "data/ada.txt"}, {"file": "data/ada.txt", "name": "second.md", "type": "text/markdown"}]}
Field body Should Match "name=\\"tag\\"\\s+a\\s[\\s\\S]*name=\\"tag\\"\\s+b\\s"
Field body Should Match "name=\\"letters\\"; filename=\\"ada.txt\\"\\s+content-type: text/plain\\s+Dear Ada"
Field body Should Match "name=\\"letters\\"; filename=\\"second.md\\"\\s+content-type: text/markdown\\s+Dear Ada"`,
    },
  })
  expect(errors).toEqual({ 'a form': undefined, 'a form with files': undefined })
})

test('the status and its text are compared', async () => {
  const errors = await runLocally({
    baseURL: service.url,
    files: {
      'status.txt': `Scenario: as they are
GET /missing
Status Text Should Be "Nothing Here"
Status Code Should Be Greater Than 403
Status Code Should Be Less Than 405

Scenario: another text
GET /users
Status Text Should Be Created

Scenario: not less
GET /missing
Status Code Should Be Less Than 404

Scenario: not greater
GET /missing
Status Code Should Be Greater Than 404`,
    },
  })
  expect(errors).toEqual({
    'as they are': undefined,
    'another text': expect.stringContaining('the status text should be "Created", was "OK"'),
    'not less': expect.stringContaining('the status code should be less than 404, was 404'),
    'not greater': expect.stringContaining('the status code should be greater than 404, was 404'),
  })
})

test('a body contains the fields of JSON, or does not', async () => {
  const errors = await runLocally({
    baseURL: service.url,
    files: {
      'bodies.txt': `Scenario: others
POST /users "a"
Response Body Should Not Contain {"body": "b"}
Response Body Should Not Contain "z"

Scenario: the same
POST /users "a"
Response Body Should Contain {"body": #string}
Response Body Should Not Contain {"body": #string}`,
    },
  })
  expect(errors).toEqual({
    others: undefined,
    'the same': expect.stringContaining('the body should not contain {"body":"#string"}, was {"body":"a"}'),
  })
})

test('a number has no size', async () => {
  const errors = await runLocally({
    baseURL: service.url,
    files: {
      'sizes.txt': `Scenario: empty
GET /number
Field count Should Be Empty

Scenario: not empty
GET /number
Field $ Should Not Be Empty
Field count Should Not Be Empty

Scenario: items
GET /number
Field count Should Have At Most 3 Items`,
    },
  })
  expect(errors).toEqual({
    empty: expect.stringContaining('count should be empty, was 0'),
    'not empty': expect.stringContaining('count should not be empty, was 0'),
    items: expect.stringContaining('count should have at most 3, was 0'),
  })
})

test('a request that fails is repeated as well', async () => {
  const errors = await runLocally({
    baseURL: service.url,
    files: { 'broken.txt': 'Scenario: later\nGET /broken\nRetry Until Status Code Should Be 200 For 5s' },
  })
  expect(errors).toEqual({ later: undefined })
})
