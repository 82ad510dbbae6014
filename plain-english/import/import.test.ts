import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { soak } from '../../testing/soak.ts'
import { expect, test } from '../../testing/test.ts'
import { readText } from '../compile/read-spec.ts'
import { Vocabulary } from '../compile/vocabulary.ts'
import { builtInSentences } from '../sentences/built-in.ts'
import { importText } from './import-text.ts'
import { ImportError } from './imported.ts'
import { textOfFile } from './text-of-file.ts'
import { writeScenarios } from './write-scenarios.ts'

const vocabulary = new Vocabulary(builtInSentences)

function imported(content: unknown, file = 'given.json') {
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  const written = writeScenarios(importText(text, file), file, vocabulary)
  const { faults } = readText(written.text, 'imported.txt', vocabulary)
  // Not by `expect`, which reports each of some thousand steps.
  assert.deepEqual(faults, [])
  return written
}

/** Without the first line, which names the source. */
const linesOf = ({ text }: { text: string }) => text.split('\n').slice(2, -1)

const collection = (...item: object[]) => ({ info: { name: 'Users' }, item })
const tests = (...exec: string[]) => [{ listen: 'test', script: { exec } }]

test('a Postman collection: folders, bodies, authentication, and what its scripts assert and save', () => {
  const written = imported({
    ...collection(
      {
        name: 'Users',
        item: [
          {
            name: 'sign up',
            request: {
              method: 'POST',
              url: { raw: '{{baseUrl}}/users?plan={{plan}}' },
              header: [{ key: 'Content-Type', value: 'application/json' }],
              body: { mode: 'raw', raw: '{"email": "{{$randomEmail}}", "password": "geheim", "age": {{age}}}' },
            },
            event: tests(
              'const user = pm.response.json()',
              'pm.test("created", () => { pm.response.to.have.status(201); pm.expect(user.name).to.eql("Ada") })',
              'pm.expect(user.roles).to.be.not.empty',
              'pm.collectionVariables.set("user-id", user.id)',
              'for (const role of user.roles) console.log(role)',
            ),
          },
          {
            name: 'read',
            request: {
              url: '{{baseUrl}}/users/{{user-id}}',
              auth: { type: 'bearer', bearer: [{ key: 'token', value: 'abc' }] },
            },
            event: tests('pm.expect(pm.response.responseTime).to.be.below(500)'),
          },
        ],
      },
      { name: 'health', request: 'http://localhost:3000/health' },
    ),
    variable: [
      { key: 'baseUrl', value: 'http://localhost:3000' },
      { key: 'plan', value: 'free' },
    ],
  })
  expect(linesOf(written)).toEqual([
    'Scenario: Users',
    '# sign up',
    'POST /users?plan=free {"email": "${unique.email}", "password": "${secret:PASSWORD}", "age": ${env:AGE}}',
    'Status Code Should Be 201',
    'Field name Should Be "Ada"',
    'Field roles Should Not Be Empty',
    'Save Field id As user_id',
    '# for (const role of user.roles) console.log(role): left out, a scenario has no loops',
    '# read',
    'Bearer Token Is ${secret:TOKEN}',
    'GET /users/${user_id}',
    'Response Time Should Be Less Than 500 ms',
    '',
    'Scenario: health',
    'GET /health',
  ])
  expect(written).toMatchObject({
    scenarios: 2,
    over: 9,
    total: 10,
    environment: ['AGE'],
    secrets: ['PASSWORD', 'TOKEN'],
  })
  expect(written.reasons).toEqual([{ reason: 'a scenario has no loops', count: 1 }])
})

test('a body that Postman does not send with a method is left out', () => {
  const body = { mode: 'raw', raw: '{"a": 1}' }
  const lines = linesOf(
    imported(
      collection(
        { name: 'get', request: { method: 'GET', url: 'http://localhost/a', body } },
        { name: 'delete', request: { method: 'DELETE', url: 'http://localhost/a', body } },
        {
          name: 'kept',
          protocolProfileBehavior: { disableBodyPruning: true },
          item: [{ name: 'get', request: { url: 'http://localhost/a', body } }],
        },
      ),
    ),
  )
  expect(lines.filter(line => line.includes('/a'))).toEqual(['GET /a', 'DELETE /a {"a": 1}', 'GET /a {"a": 1}'])
})

test('forms of assertions in scripts', () => {
  const forms: Record<string, string> = {
    'tests["ok"] = responseCode.code === 200': 'Status Code Should Be 200',
    'pm.expect(pm.response.code).to.equal(200)': 'Status Code Should Be 200',
    'pm.response.to.be.notFound': 'Status Code Should Be 404',
    'pm.expect(pm.response.text()).to.include("Ada")': 'Response Body Should Contain "Ada"',
    'pm.expect(pm.response.json()).to.have.property("user.name", "Ada")': 'Field user.name Should Be "Ada"',
    'tests["n"] = JSON.parse(responseBody).users.length > 0': 'Field users Should Not Be Empty',
    'pm.expect(JSON.parse(responseBody).total).to.be.above(3)': 'Field total Should Be Greater Than 3',
    'const { a } = pm.response.json(); pm.expect(a.b[0]["c d"]).to.not.eql(null)':
      'Field a.b[0]["c d"] Should Not Be null',
    'pm.expect(pm.response.headers.get("Content-Type")).to.contain("json")':
      'Response Header Content-Type Should Contain "json"',
    'pm.expect(pm.response.json().plan).to.be.oneOf(["free", "pro"])': 'Field plan Should Be One Of ["free", "pro"]',
    'pm.expect(pm.response.json().id).to.match(/^[0-9]+$/)': 'Field id Should Match "^[0-9]+$"',
    'const ok = pm.response.code === 204; tests["ok"] = ok': 'Status Code Should Be 204',
    'pm.expect(pm.response.json().password).to.be.undefined': 'Field password Should Not Exist',
    'pm.response.to.have.status("Not Found")': 'Status Text Should Be "Not Found"',
    'pm.expect(pm.response.reason()).to.eql("OK")': 'Status Text Should Be "OK"',
    'pm.expect(pm.response).to.have.property("code", 201)': 'Status Code Should Be 201',
    'pm.response.to.have.jsonSchema({ type: "object" })': 'Response Should Match Schema {"type": "object"}',
    'const schema = { type: "object" }; pm.expect(tv4.validate(pm.response.json().user, schema)).to.be.true':
      'Field user Should Match Schema {"type": "object"}',
    'pm.expect(pm.cookies.get("session")).to.not.equal("")': 'Cookie session Should Not Be ""',
    'pm.expect(pm.response.code).to.be.at.least(200)': 'Status Code Should Be Greater Than 199',
    'pm.expect(pm.response.code).to.be.above(200)': 'Status Code Should Be Greater Than 200',
    'pm.expect(pm.response.code).to.be.below(300)': 'Response Should Be Successful',
    'pm.expect(pm.response.code).to.be.at.most(299)': 'Response Should Be Successful',
    'pm.expect(pm.response.code).to.be.below(400)': 'Status Code Should Be Less Than 400',
    'pm.expect(pm.response.code).to.be.at.most(400)': 'Status Code Should Be Less Than 401',
    'pm.expect(pm.response.code).to.be.at.least(400)': 'Response Should Not Be Successful',
    'pm.expect(pm.response.code).to.be.above(400)': 'Status Code Should Be Greater Than 400',
    'pm.expect(pm.response.code).to.be.at.most(204)': 'Status Code Should Be Less Than 205',
    'pm.expect(pm.response.code).to.not.be.above(204)': 'Status Code Should Be Less Than 205',
    'pm.expect(pm.response.json().tags).to.have.length.above(2)': 'Field tags Should Have At Least 3 Items',
    'pm.expect(pm.response.json().tags).to.have.lengthOf.at.most(2)': 'Field tags Should Have At Most 2 Items',
    'pm.expect(pm.response.json()).to.have.any.keys("a", "b")':
      '# pm.expect(pm.response.json()).to.have.any.keys("a", "b"): left out, no sentence does this',
    'pm.response.to.be.serverError': 'Status Code Should Be Greater Than 499',
    'pm.response.to.not.be.serverError': 'Status Code Should Be Less Than 500',
  }
  for (const [script, sentence] of Object.entries(forms)) {
    const written = imported(collection({ name: 'one', request: '/x', event: tests(script) }))
    expect(linesOf(written), script).toEqual(['Scenario: one', 'GET /x', sentence])
  }
})

test('a script computes values that are new in each run, and keeps JSON in variables', () => {
  const item = {
    name: 'one',
    request: { method: 'POST', url: '/x', body: { mode: 'raw', raw: '{"name": "{{name}}", "age": {{age}}}' } },
    event: [
      {
        listen: 'prerequest',
        script: {
          exec: [
            'const random = Math.random().toString(36).substring(2, 7)',
            'pm.environment.set("name", "Ada" + random)',
            'pm.environment.set("age", Math.floor(Math.random() * 90))',
            'pm.collectionVariables.set("schema", JSON.stringify({ type: "object" }))',
          ],
        },
      },
      ...tests(
        'pm.response.to.have.jsonSchema(JSON.parse(pm.collectionVariables.get("schema")))',
        'pm.expect(pm.response.json().name).to.eql(pm.environment.get("name"))',
      ),
    ],
  }
  expect(linesOf(imported(collection(item)))).toEqual([
    'Scenario: one',
    'Save Value "Ada${unique.id}" As name',
    'Save Value 7 As age',
    'Save Value {"type": "object"} As schema',
    'POST /x {"name": "${name}", "age": ${age}}',
    'Response Should Match Schema ${schema}',
    'Field name Should Be ${name}',
  ])
})

test('credentials for digest authentication, from each tool that has them', () => {
  const auth = {
    type: 'digest',
    digest: [
      { key: 'username', value: 'ada' },
      { key: 'password', value: 'word-4711' },
    ],
  }
  const signIn = 'Sign In With Digest "ada" "${secret:PASSWORD}"'
  const sources: [string | object, string][] = [
    [collection({ name: 'one', request: { url: '/x', auth } }), 'a.json'],
    ['GET http://localhost/x\nAuthorization: Digest ada word-4711', 'a.http'],
    ['curl --digest -u ada:word-4711 http://localhost/x', 'a.sh'],
  ]
  for (const [content, file] of sources) {
    const written = imported(content, file)
    expect(linesOf(written).slice(1), file).toEqual([signIn, 'GET /x'])
    expect(written.text).not.toContain('4711')
  }
})

test('a statement with several values that are computed is left out once', () => {
  const script = 'const name = pm.response.json().name, [a, b] = name.split(" "), c = a + b'
  const written = imported(collection({ name: 'one', request: '/x', event: tests(script, 'pm.expect(name).to.exist') }))
  expect(linesOf(written).slice(2)).toEqual([
    `# ${script}: left out, no sentence computes a value`,
    'Field name Should Not Be null',
  ])
})

test('what a script assigns in a block that catches errors is known behind it', () => {
  const script =
    'let body; try { body = JSON.parse(responseBody) } catch (error) { body = {} } tests["a"] = body && body.id === 7'
  const written = imported(collection({ name: 'one', request: '/x', event: tests(script) }))
  expect(linesOf(written).slice(2)).toEqual(['Field $ Should Exist', 'Field id Should Be 7'])
})

test('fields and files of a form with the same name are a list', () => {
  const form = [
    { key: 'tag', value: 'a' },
    { key: 'tag', value: 'b' },
    { key: 'page', value: '2' },
  ]
  const files = [{ key: 'letters', type: 'file', src: ['a.txt', 'b.txt'] }]
  const item = (mode: string, fields: object[]) => ({
    name: mode,
    request: { method: 'POST', url: '/x', body: { mode, [mode]: fields } },
  })
  expect(linesOf(imported(collection(item('urlencoded', form), item('formdata', [...form, ...files]))))).toEqual([
    'Scenario: urlencoded',
    'POST /x Form {"tag": ["a", "b"], "page": "2"}',
    '',
    'Scenario: formdata',
    'POST /x Multipart {"tag": ["a", "b"], "page": "2", "letters": [{"file": "a.txt"}, {"file": "b.txt"}]}',
  ])
})

test('what has no sentence stays as a comment with the reason', () => {
  const script = ['pm.sendRequest("https://a.example", () => 1)', 'pm.expect(sum(1)).to.eql(2)', 'let x = ;']
  for (const line of script) {
    const written = imported(collection({ name: 'one', request: '/x', event: tests(line) }))
    expect(linesOf(written)[2]).toContain(`# ${line}: left out, `)
    expect(written).toMatchObject({ over: 1, total: 2 })
  }
  // A variable that no sentence could save is one of the environment.
  const items = [
    { name: 'a', request: '/a', event: tests('pm.environment.set("sum", add(1, 2))') },
    { name: 'b', request: '/b/{{sum}}' },
  ]
  expect(linesOf(imported(collection(...items)))).toContain('GET /b/${env:SUM}')
})

test('an .http file: variables, separators, scripts of JetBrains and httpyac', () => {
  const written = imported(
    `@host = https://api.example.com
@json=application/json

### sign in
# @name login
POST {{host}}/login
Content-Type: {{json}}

{"user": "ada", "password": "{{password}}"}

> {%
  client.test("ok", function () { client.assert(response.status === 200, "no") })
  client.global.set("token", response.body.token)
%}
### read
GET {{host}}/users
    ?page=2
    &size=10
Authorization: Bearer {{token}}

?? status == 200
?? header content-type includes json
?? body locked isFalse
?? js response.parsedBody.users.length > 2
###
GET {{host}}/me/{{login.response.body.user.id}}
{{
  test.status(200)
  const { expect } = require('chai')
  expect(response.parsedBody.name).to.equal('Ada')
}}
`,
    'a.http',
  )
  expect(linesOf(written)).toEqual([
    'Scenario: a',
    '# sign in',
    'POST https://api.example.com/login {"user": "ada", "password": "${secret:PASSWORD}"}',
    'Status Code Should Be 200',
    'Save Field token As token',
    'Save Field user.id As login_response_body_user_id',
    '# read',
    'Bearer Token Is ${token}',
    'GET https://api.example.com/users?page=2&size=10',
    'Status Code Should Be 200',
    'Response Header content-type Should Contain "json"',
    'Field locked Should Be false',
    'Field users Should Have At Least 3 Items',
    '# GET /me/{{login.response.body.user.id}}',
    expect.stringMatching(/eader Authorization/),
    'GET https://api.example.com/me/${login_response_body_user_id}',
    'Status Code Should Be 200',
    'Field name Should Be "Ada"',
  ])
  expect(written.origins).toEqual(['https://api.example.com'])
})

test('an .http file: a variable with a default, and a response that only an assertion names', () => {
  const text = `@baseUrl={{ this.baseUrl ?? 'http://localhost:3000' }}
@id = 7
### add
# @name added
POST {{baseUrl}}/todo

{"title": "a"}

### list
GET {{baseUrl}}/todo?id={{ id || '8' }}

?? body includes {{added.newId}}
`
  expect(linesOf(imported(text, 'a.http'))).toEqual([
    'Scenario: a',
    '# add',
    'POST /todo {"title": "a"}',
    'Save Field newId As added_newId',
    '# list',
    'GET /todo?id=7',
    'Response Body Should Contain "${added_newId}"',
  ])
})

test('an .http file: a default that is a credential becomes a secret, and a saved value precedes a default', () => {
  const text = `### sign in
# @name login
POST http://localhost/login
Authorization: Bearer {{ apiToken ?? 'hunter22' }}
X-Key: {{ apiKey || '' }}

> {% client.global.set("team", response.body.team) %}

### read
GET http://localhost/teams/{{ team ?? 'none' }}
`
  const written = imported(text, 'a.http')
  expect(written.text).not.toContain('hunter22')
  expect(written.secrets).toEqual(['APIKEY', 'APITOKEN'])
  expect(linesOf(written).at(-1)).toBe('GET /teams/${team}')
})

test('curl commands, as browsers copy them', () => {
  const written = imported(
    `curl 'https://api.example.com/users' -H 'accept: application/json' -H 'Authorization: Bearer abc' \\
  --data-raw $'{"name": "O\\'Hara"}' --compressed
curl -sXPUT "http://localhost:8080/users/1" --json '{"plan": "pro"}'
curl -G localhost:8080/users -d page=2 -d "q=a b"
curl http://localhost:8080/login -d user=ada -d password=geheim
`,
    'a.sh',
  )
  expect(linesOf(written).filter(line => !line.startsWith('Scenario:') && line !== '')).toEqual([
    'Set Header accept To "application/json"',
    'Bearer Token Is ${secret:TOKEN}',
    'POST https://api.example.com/users {"name": "O\'Hara"}',
    'PUT /users/1 {"plan": "pro"}',
    'GET /users?page=2&q=a%20b',
    'POST /login Form {"user": "ada", "password": "${secret:PASSWORD}"}',
  ])
})

test('options of curl: those with a value, files, several addresses', () => {
  const sentencesOf = (command: string) => {
    const lines = linesOf(imported(`curl ${command}`, 'a.sh'))
    return lines.filter(line => line !== '' && !line.startsWith('Scenario:'))
  }
  const left = (option: string) => `# ${option}: left out, no sentence has this option of curl`
  for (const [command, ...sentences] of [
    [
      '--proxy http://proxy:8080 -x a:1 localhost/x --cacert ca.pem',
      left('--proxy'),
      left('-x'),
      left('--cacert'),
      'GET /x',
    ],
    [
      '--oauth2-bearer geheim123 -r 0-9 localhost/x',
      'Bearer Token Is ${secret:TOKEN}',
      'Set Header Range To "bytes=0-9"',
      'GET /x',
    ],
    ["-H 'X-A;' -H 'Accept:' localhost/x", 'Set Header X-A To ""', 'GET /x'],
    ['-b cookies.txt localhost/x', left('-b'), 'GET /x'],
    ['localhost/a localhost/b --next -d x=1 localhost/c', 'GET /a', 'GET /b', 'POST /c Form {"x": "1"}'],
    ["--url-query 'q=a b' localhost/x?page=2", 'GET /x?page=2&q=a%20b'],
    [
      "--data-raw '@a' -H 'Content-Type: text/plain' localhost/x",
      'Set Header Content-Type To "text/plain"',
      'POST /x "@a"',
    ],
    ["-d @a.json -H 'Content-Type: application/json' localhost/x", 'POST /x File "a.json"'],
    ["-d @a -H 'Content-Type: text/csv' localhost/x", 'Set Header Content-Type To "text/csv"', 'POST /x File "a"'],
    [
      "-F 'a=@b.png;type=image/png;filename=c.png' -F 'd=e;f' localhost/x",
      'POST /x Multipart {"a": {"file": "b.png", "type": "image/png", "name": "c.png"}, "d": "e;f"}',
    ],
    [
      "-F 'a=[1];type=application/json' localhost/x",
      '# the type application/json of a: left out, only a file has a type of its own',
      'POST /x Multipart {"a": "[1]"}',
    ],
  ] as const) {
    expect(sentencesOf(command), command).toEqual(sentences)
  }
  expect(sentencesOf('-d a=1 -d @b localhost/x')[0]).toBe(
    '# POST localhost/x: left out, no sentence sends a file and other data as one body',
  )
})

test('a Postman collection: what is inherited, disabled, skipped, and beside the usual', () => {
  const bearer = { type: 'bearer', bearer: [{ key: 'token', value: '{{team}}' }] }
  const post = (body: object) => ({ method: 'POST', url: '/x', auth: { type: 'noauth' }, body })
  const formdata = [{ key: 'a', value: '1', type: 'text', contentType: 'application/json' }]
  const graphql = { query: '{ a }', variables: '{"b": 1}', operationName: 'C' }
  const items = [
    { name: 'null', request: { url: '/x', auth: null } },
    { name: 'disabled', request: post({ mode: 'raw', raw: 'a', disabled: true }) },
    { name: 'typed', request: post({ mode: 'formdata', formdata }) },
    { name: 'named', request: post({ mode: 'graphql', graphql }) },
    { name: 'broken', request: post({ mode: 'graphql', graphql: { query: '{ a }', variables: '{b' } }) },
    {
      name: 'skipped',
      request: post({}),
      event: tests('pm.test.skip("a", () => pm.response.to.have.status(500))'),
    },
  ]
  const written = imported({ ...collection(...items), auth: bearer })
  expect(linesOf(written).filter(line => line !== '')).toEqual([
    'Scenario: null',
    'Bearer Token Is ${env:TEAM}',
    'GET /x',
    'Scenario: disabled',
    'POST /x',
    'Scenario: typed',
    '# the type application/json of a: left out, only a file has a type of its own',
    'POST /x Multipart {"a": "1"}',
    'Scenario: named',
    'POST /x {"query": "{ a }", "variables": {"b": 1}, "operationName": "C"}',
    'Scenario: broken',
    '# POST /x: left out, the variables of GraphQL are no JSON',
    '# Nothing of this could be imported: this request stands in its place.',
    'GET /',
    'Scenario: skipped',
    'POST /x',
    '# pm.test.skip("a", () => pm.response.to.have.status(500)): left out, the test is skipped',
  ])
})

test('assertions that exclude others keep that', () => {
  for (const [script, ...sentences] of [
    ['expect(j).to.have.all.keys("a")', 'Field a Should Exist', 'Response Body Should Match Exactly {"a": "#ignore"}'],
    ['expect(j.b).to.have.keys(["a"])', 'Field b.a Should Exist', 'Field b Should Match Exactly {"a": "#ignore"}'],
    ['expect(j).to.include.keys("a")', 'Field a Should Exist'],
    [
      'expect(j.b).to.have.members([1, 2])',
      'Field b Should Contain 1',
      'Field b Should Contain 2',
      'Field b Should Have Length 2',
    ],
    ['expect(j.b).to.include.members([1])', 'Field b Should Contain 1'],
    ['expect(j.b).to.exist', 'Field b Should Not Be null'],
    ['expect(j.b).to.be.ok', 'Field b Should Not Be One Of [false, 0, "", null]'],
    ['j.b.forEach(c => pm.expect(c.d).to.be.a("number"))', 'Each Item Of b Should Match {"d": "#number"}'],
    ['j.b.forEach(c => pm.expect(c.d).to.exist)', 'Each Item Of b Should Match {"d": "#notnull"}'],
    ['client.assert(response.contentType.mimeType === "text/csv")', 'Response Should Have Type "text/csv"'],
  ] as const) {
    const event = tests('const j = pm.response.json()', script)
    expect(linesOf(imported(collection({ name: 'one', request: '/x', event }))).slice(2), script).toEqual(sentences)
  }
})

test('an .http file: methods in small letters, and those that few have', () => {
  const written = imported('get /a\n\n### b\nSEARCH /b\n\n### c\nMKCALENDAR https://a.example/c\n', 'a.http')
  expect(linesOf(written).filter(line => line !== '' && !line.startsWith('Scenario:'))).toEqual([
    'GET /a',
    'Send SEARCH /b',
    'Send MKCALENDAR https://a.example/c',
  ])
})

test('the Content-Type of a text is not that of the requests below it', () => {
  const options = { raw: { language: 'xml' } }
  const items = [
    { name: 'a', request: { method: 'POST', url: '/a', body: { mode: 'raw', raw: '<a/>', options } } },
    { name: 'b', request: { method: 'POST', url: '/b', body: { mode: 'raw', raw: '{"cookie": 1}' } } },
  ].map(item => ({ ...item, event: tests('pm.expect(pm.cookies.has("a")).to.be.false') }))
  expect(linesOf(imported(collection(...items)))).toEqual([
    'Scenario: Users',
    '# a',
    'Set Header Content-Type To "application/xml"',
    'POST /a "<a/>"',
    'Cookie a Should Not Exist',
    '# b',
    'Remove Header Content-Type',
    'POST /b {"cookie": 1}',
    'Cookie a Should Not Exist',
  ])
})

test('credentials in a URL: the user signs in, a parameter of the query is left out', () => {
  const inQuery = (name: string) =>
    expect.stringMatching(`^# ${name} in the query: left out, a secret is not allowed in a URL`)
  const written = imported('curl "https://u%40x:hunter22@api.example.com/x?page=2&api_key=SECRET123#top"', 'a.sh')
  expect(linesOf(written)).toEqual([
    'Scenario: GET /x',
    'Sign In With Basic "u@x" "${secret:PASSWORD}"',
    inQuery('api_key'),
    'GET https://api.example.com/x?page=2',
  ])
  expect(written).toMatchObject({ secrets: ['PASSWORD'], over: 2, total: 3, origins: ['https://api.example.com'] })
  const har = { request: { method: 'GET', url: 'http://localhost/x?access_token=SECRET123', headers: [] } }
  const entries = [{ ...har, response: { status: 200 } }]
  expect(linesOf(imported({ log: { entries } }, 'a.har')).slice(1, 3)).toEqual([inQuery('access_token'), 'GET /x'])
  const apikey = { key: 'appid', value: 'SECRET123', in: 'query' }
  const item = { name: 'one', request: { url: '/x', auth: { type: 'apikey', apikey } } }
  expect(linesOf(imported(collection(item)))).toEqual(['Scenario: one', inQuery('appid'), 'GET /x'])
  // A key of an API is a user without a password; curl asks for a password that is not given.
  expect(linesOf(imported('curl localhost/x -u sk_test_123:', 'a.sh'))[1]).toBe(
    'Sign In With Basic "${secret:API_USER}" ""',
  )
  expect(linesOf(imported('curl localhost/x -u ada', 'a.sh'))[1]).toBe('Sign In With Basic "ada" "${secret:PASSWORD}"')
  // A value that a response gives is none of the file.
  const items = [
    { name: 'a', request: '/a', event: tests('pm.environment.set("token", pm.response.json().token)') },
    { name: 'b', request: '/b?token={{token}}' },
  ]
  expect(linesOf(imported(collection(...items)))).toContain('GET /b?token=${token}')
})

test('no credential of a file is in what is written of it', () => {
  const request = (...script: string[]) => collection({ name: 'one', request: '/x', event: tests(...script) })
  const post = (body: object, header: object[] = []) =>
    collection({ name: 'one', request: { method: 'POST', url: '/x', body, header } })
  const xml = [{ key: 'Content-Type', value: 'application/xml' }]
  const files: Record<string, [content: unknown, file: string, names: string[]]> = {
    saved: [request('pm.environment.set("password", "hunter22")'), 'a.json', ['PASSWORD']],
    'saved in an object': [request('pm.globals.set("user", {token: "hunter22"})'), 'a.json', ['TOKEN']],
    asserted: [request('pm.expect(pm.response.json().token).to.eql("hunter22")'), 'a.json', ['TOKEN']],
    'left out': [request('pm.sendRequest({url: "/y", header: {"x-api-key": "hunter22"}})'), 'a.json', []],
    'left out with a URL': [request('pm.sendRequest("https://a:hunter22@b.example/?token=SECRET123")'), 'a.json', []],
    title: [collection({ name: 'GET /x?api_key=hunter22', request: '/x' }), 'a.json', []],
    form: [post({ mode: 'urlencoded', urlencoded: [{ key: 'pwd', value: 'hunter22' }] }), 'a.json', ['PWD']],
    multipart: [post({ mode: 'formdata', formdata: [{ key: 'otp', value: 'hunter22' }] }), 'a.json', ['OTP']],
    list: [post({ mode: 'raw', raw: '{"tokens": 1, "apiKey": ["hunter22"]}' }), 'a.json', ['APIKEY']],
    pair: [post({ mode: 'raw', raw: '[{"name": "password", "value": "hunter22"}]' }), 'a.json', ['PASSWORD']],
    xml: [post({ mode: 'raw', raw: '<a><ns:Password>hunter22</ns:Password></a>' }, xml), 'a.json', ['PASSWORD']],
    attribute: [post({ mode: 'raw', raw: '<a token="hunter22"/>' }, xml), 'a.json', ['TOKEN']],
    graphql: [
      post({ mode: 'graphql', graphql: { query: '{ a(token: "SECRET123") }', variables: '{"password": "hunter22"}' } }),
      'a.json',
      ['PASSWORD', 'TOKEN'],
    ],
    'graphql in .http': ['GRAPHQL /graphql\n\nquery { a }\n\n{"password": "hunter22"}\n', 'a.http', ['PASSWORD']],
    'text in .http': [
      'POST /x\nContent-Type: application/yaml\n\nuser: ada\npassword: hunter22\n',
      'a.http',
      ['PASSWORD'],
    ],
    cookie: ['curl localhost/x -b "session=hunter22"', 'a.sh', ['COOKIE']],
    'one of several cookies': ['GET /x\nCookie: plan={{plan}}; session=hunter22\n', 'a.http', ['COOKIE']],
    'basic, encoded': ['curl localhost/x -H "Authorization: Basic YWRhOmh1bnRlcjIy"', 'a.sh', ['PASSWORD']],
    'other key': ['curl localhost/x -H "Ocp-Apim-Subscription-Key: hunter22"', 'a.sh', ['OCP_APIM_SUBSCRIPTION_KEY']],
    'user without scheme': ['curl ada:hunter22@api.example.com/x', 'a.sh', ['PASSWORD']],
    number: ['curl localhost/x --json \'{"otp": 224466}\'', 'a.sh', ['OTP']],
  }
  for (const [what, [content, file, names]] of Object.entries(files)) {
    const written = imported(content, file)
    expect(JSON.stringify(written), what).not.toMatch(/hunter22|SECRET123|aHVudGVyMjI|h1bnRlcjIy|224466/)
    expect(written.secrets, what).toEqual(names)
  }
})

test('a message about a credential, and an empty one, are none', () => {
  const script = 'pm.expect(pm.response.json().errors.password).to.eql("is too short")'
  const request = { method: 'POST', url: '/x', body: { mode: 'raw', raw: '{"password": "", "token": null}' } }
  expect(linesOf(imported(collection({ name: 'one', request, event: tests(script) })))).toEqual([
    'Scenario: one',
    'POST /x {"password": "", "token": null}',
    'Field errors.password Should Be "is too short"',
  ])
})

test('different credentials become different secrets', () => {
  const login = (password: string) => ({
    name: password,
    request: { method: 'POST', url: '/login', body: { mode: 'raw', raw: JSON.stringify({ password }) } },
  })
  const read = (token: string) => ({
    name: 'read',
    request: { url: '/me', auth: { type: 'bearer', bearer: { token } } },
  })
  const written = imported(
    collection(login('right'), login('wrong'), login('right'), login('{{password}}'), read('one'), read('two')),
  )
  expect(linesOf(written).filter(line => /^(?:POST|Bearer)/.test(line))).toEqual([
    'POST /login {"password": "${secret:PASSWORD}"}',
    'POST /login {"password": "${secret:PASSWORD_2}"}',
    'POST /login {"password": "${secret:PASSWORD}"}',
    'POST /login {"password": "${secret:PASSWORD_3}"}',
    'Bearer Token Is ${secret:TOKEN}',
    'Bearer Token Is ${secret:TOKEN_2}',
  ])
  expect(written.secrets).toEqual(['PASSWORD', 'PASSWORD_2', 'PASSWORD_3', 'TOKEN', 'TOKEN_2'])
})

test('redirects are followed only where the file does so', () => {
  const entry = (path: string, status: number) => ({
    request: { method: 'GET', url: `http://localhost${path}`, headers: [{ name: 'If-None-Match', value: '"1"' }] },
    response: { status },
  })
  const entries = [entry('/', 304), entry('/old', 302), entry('/new', 200)]
  const stay = 'Do Not Follow Redirects'
  const status = (code: number) => `Status Code Should Be ${code}`
  expect(linesOf(imported({ log: { entries } }, 'a.har')).filter(line => !line.startsWith('#'))).toEqual([
    ...['Scenario: the recorded requests', stay, 'GET /', status(200)],
    ...['GET /old', status(302), 'GET /new', status(200)],
  ])
  const get = (...statuses: string[]) => ({
    get: { responses: Object.fromEntries(statuses.map(code => [code, {}])) },
  })
  const paths = { '/old': get('302'), '/some': get('200', '304') }
  expect(linesOf(imported({ openapi: '3.1.0', info: {}, paths }))).toEqual([
    ...['Scenario: GET /old', stay, 'GET /old', status(302), ''],
    ...['Scenario: GET /some', 'GET /some', status(200)],
  ])
  const save = tests('pm.environment.set("a", pm.response.json().a)')
  const items = [
    { name: 'a', request: '/a', event: save, protocolProfileBehavior: { followRedirects: false } },
    { name: 'b', request: '/b/{{a}}' },
  ]
  expect(linesOf(imported(collection(...items))).filter(line => /^(?:GET|.*Redirects)/.test(line))).toEqual([
    ...[stay, 'GET /a', 'Follow Redirects', 'GET /b/${a}'],
  ])
  const text = '# @no-redirect\n# @name a\nGET /a\n###\nGET /b/{{a.response.body.id}}\n'
  expect(linesOf(imported(text, 'a.http')).filter(line => /^(?:GET|.*Redirects)/.test(line))).toEqual([
    ...[stay, 'GET /a', 'Follow Redirects', expect.stringMatching('^GET /b/')],
  ])
})

test('an OpenAPI document: unique values in forms and queries, nested removals, schemas that contain themselves', () => {
  const email = { type: 'string', format: 'email' }
  const form = (schema: object) => ({ content: { 'application/x-www-form-urlencoded': { schema } } })
  const json = (schema: object) => ({ content: { 'application/json': { schema } } })
  const created = { '201': json({ type: 'object', properties: { id: { type: 'string' } } }) }
  const [user, order] = ['user', 'order'].map(name => ({ name, in: 'path', required: true }))
  const branches = Object.fromEntries(
    Array.from({ length: 20 }, (_, index) => [`part${index}`, { $ref: '#/components/schemas/Tree' }]),
  )
  const written = imported({
    openapi: '3.0.3',
    info: {},
    paths: {
      '/users': {
        post: { requestBody: form({ type: 'object', properties: { email } }), responses: created },
        get: { parameters: [{ name: 'email', in: 'query', required: true, schema: email }], responses: { '200': {} } },
      },
      '/users/{user}': { delete: { parameters: [user], responses: { '204': {} } } },
      '/users/{user}/orders': { post: { parameters: [user], responses: created } },
      '/users/{user}/orders/{order}': {
        get: { parameters: [user, order], responses: { '200': {} } },
        delete: { parameters: [user, order], responses: { '204': {} } },
      },
      '/trees': {
        post: { requestBody: json({ $ref: '#/components/schemas/Tree' }), responses: { '200': {} } },
        put: {
          requestBody: json({ $ref: '#/components/schemas/Self' }),
          responses: { '200': json({ $ref: '#/components/schemas/Self' }) },
        },
        patch: { requestBody: json({ $ref: '#/components/schemas/Wide0' }), responses: { '200': {} } },
      },
    },
    components: {
      schemas: {
        Tree: { type: 'object', properties: { name: { type: 'string' }, ...branches } },
        Self: {
          allOf: [{ $ref: '#/components/schemas/Self' }, { type: 'object', properties: { a: { type: 'integer' } } }],
        },
        ...Object.fromEntries(
          Array.from({ length: 6 }, (_, depth) => [
            `Wide${depth}`,
            {
              type: 'object',
              properties: Object.fromEntries(
                Array.from({ length: 20 }, (_, index) => [
                  `a${index}`,
                  depth === 5 ? { type: 'string' } : { $ref: `#/components/schemas/Wide${depth + 1}` },
                ]),
              ),
            },
          ]),
        ),
      },
    },
  })
  const create = 'POST /users Form {"email": "${unique.email}"}'
  const lines = linesOf(written)
  expect(lines).toContain('GET /users?email=${unique.email}')
  const scenario = (title: string) => {
    const start = lines.indexOf(`Scenario: ${title}`)
    const end = lines.indexOf('', start)
    return lines.slice(start + 1, end < 0 ? undefined : end)
  }
  const users = [create, 'Save Field id As user', 'Afterwards DELETE /users/${user}']
  const orders = (name: string) => [
    ...[
      'POST /users/${user}/orders',
      `Save Field id As ${name}`,
      `Afterwards DELETE /users/\${user}/orders/\${${name}}`,
    ],
  ]
  expect(scenario('POST /users/{user}/orders')).toEqual([...users, ...orders('id'), 'Status Code Should Be 201'])
  expect(scenario('GET /users/{user}/orders/{order}')).toEqual([
    ...[...users, ...orders('order'), 'GET /users/${user}/orders/${order}', 'Status Code Should Be 200'],
  ])
  expect(scenario('DELETE /users/{user}')).toEqual([
    ...[...users.slice(0, 2), 'DELETE /users/${user}', 'Status Code Should Be 204'],
  ])
  expect(scenario('POST /trees')).toEqual(['POST /trees {"name": "example"}', 'Status Code Should Be 200'])
  expect(scenario('PUT /trees')).toEqual(['PUT /trees {"a": 1}', 'Status Code Should Be 200'])
  expect(written.text.length).toBeLessThan(20_000)
})

test('requests that depend on those before them are in one scenario', () => {
  const written = imported(
    'GET /a/1\n?? status == 404\n###\nPOST /a\n###\nGET /a/1\n?? status == 200\n###\nGET /b\n',
    'a.http',
  )
  expect(linesOf(written).filter(line => /^[A-Z]/.test(line))).toEqual([
    ...['Scenario: a', 'GET /a/1', 'Status Code Should Be 404', 'POST /a', 'GET /a/1', 'Status Code Should Be 200'],
    ...['Scenario: GET /b', 'GET /b'],
  ])
  const cookie = tests('pm.expect(pm.response.json().cookies.a).to.eql("b")')
  const items = [
    { name: 'a', request: '/a' },
    { name: 'b', request: '/b', event: cookie },
    { name: 'c', request: '/c' },
  ]
  expect(linesOf(imported(collection(...items))).filter(line => line.startsWith('Scenario:'))).toEqual([
    ...['Scenario: Users', 'Scenario: c'],
  ])
})

test('cookies that Postman keeps: those of the response, of an earlier one, and none', () => {
  const [has, reads] = ['pm.expect(pm.cookies.has("auth-token")).to.be.true', 'pm.cookies.get("auth-token")']
  const items = [
    { name: 'in', request: { method: 'POST', url: '/in' }, event: tests(has, `pm.expect(${reads}).to.eql("a1")`) },
    {
      ...{ name: 'me', request: '/me' },
      event: tests(
        has,
        `pm.expect(${reads}).to.eql("a1")`,
        'pm.expect(pm.cookies.get("plan")).to.not.equal("")',
        'pm.expect(pm.cookies.has("old")).to.be.false',
      ),
    },
  ]
  const written = imported(collection(...items))
  expect(linesOf(written)).toEqual([
    'Scenario: Users',
    '# in',
    'POST /in',
    'Cookie auth-token Should Exist',
    'Cookie auth-token Should Be "${secret:AUTH_TOKEN}"',
    '# me',
    'GET /me',
    'Save Cookie auth-token As cookie_auth_token',
    'Save Cookie auth-token As cookie_auth_token',
    'Value ${cookie_auth_token} Should Be "${secret:AUTH_TOKEN}"',
    'Save Cookie plan As cookie_plan',
    'Value ${cookie_plan} Should Not Be ""',
    'Cookie old Should Not Exist',
  ])
  expect(written.secrets).toEqual(['AUTH_TOKEN'])
})

test('curl for cmd.exe, as Chrome copies it', () => {
  const written = imported(
    [
      'curl ^"https://api.example.com/users?a=1^&b=%^20x^" ^',
      '  -X ^"PUT^" ^',
      '  -H ^"accept: */*^" ^',
      '  -H ^"x-plan: ^\\^"pro^\\^"^" ^',
      '  --data-raw ^"^{^\\^"name^\\^":^\\^"O\'Hara ^%^41^\\^"^}^" &',
      'curl ^"https://api.example.com/notes^" ^',
      '  -H ^"content-type: text/plain^" ^',
      '  --data-raw ^"one^',
      '',
      'two $x^"',
    ].join('\r\n'),
    'a.bat',
  )
  expect(linesOf(written).filter(line => !line.startsWith('Scenario:') && line !== '')).toEqual([
    'Set Header x-plan To "\\"pro\\""',
    'PUT https://api.example.com/users?a=1&b=%20x {"name": "O\'Hara %41"}',
    'Set Header content-type To "text/plain"',
    'POST https://api.example.com/notes "one\\ntwo $x"',
  ])
})

test('a HAR file: requests without assets, and their statuses', () => {
  const entry = (method: string, path: string, mimeType: string, status: number) => ({
    request: { method, url: `http://localhost:3000${path}`, headers: [{ name: 'Sec-Fetch-Mode', value: 'cors' }] },
    response: { status, content: { mimeType } },
  })
  const entries = [
    entry('GET', '/', 'text/html', 200),
    entry('GET', '/a.png', 'image/png', 200),
    entry('DELETE', '/users/1', '', 204),
  ]
  expect(linesOf(imported({ log: { entries } }, 'a.har'))).toEqual([
    'Scenario: the recorded requests',
    '# GET /',
    'GET /',
    'Status Code Should Be 200',
    '# DELETE /users/1',
    'DELETE /users/1',
    'Status Code Should Be 204',
  ])
})

test('a HAR file: forms, braces that are text, and a request that cannot be sent', () => {
  const entry = (path: string, mimeType: string, postData: object) => ({
    request: { method: 'POST', url: `http://localhost${path}`, headers: [], postData: { mimeType, ...postData } },
    response: { status: 201 },
  })
  const [form, parts, json] = ['application/x-www-form-urlencoded', 'multipart/form-data', 'application/json']
  const entries = [
    entry('/form', form, { params: [{ name: 'a', value: '1' }] }),
    entry('/parts', parts, { params: [{ name: 'a', fileName: 'b.bin', contentType: 'image/png' }] }),
    entry('/text', parts, { text: '--x' }),
    entry('/braces?a=${b}', json, { text: '{"c": "{{d}} ${e}"}' }),
  ]
  expect(linesOf(imported({ log: { entries } }, 'a.har')).filter(line => !/^# POST \/\w+$/.test(line))).toEqual([
    'Scenario: the recorded requests',
    'POST /form Form {"a": "1"}',
    'Status Code Should Be 201',
    'POST /parts Multipart {"a": {"file": "b.bin", "type": "image/png"}}',
    'Status Code Should Be 201',
    '# POST http://localhost/text: left out, the recording has no fields of this form',
    '# status 201: left out, its request is left out',
    'POST /braces?a=$%7Bb} {"c": "{{d}} \\${e}"}',
    'Status Code Should Be 201',
  ])
})

test('an OpenAPI document: lists in a query, cookies, several credentials, and limits of values', () => {
  const list = { type: 'array', items: { type: 'integer', minimum: 3 } }
  const inQuery = { in: 'query', required: true, schema: list }
  const properties = {
    a: { type: 'string', maxLength: 3 },
    b: { type: 'integer', minimum: 0, exclusiveMinimum: true },
    c: { type: 'integer', exclusiveMinimum: 8 },
  }
  const schema = { type: 'object', properties }
  const written = imported({
    openapi: '3.0.3',
    paths: {
      '/x': {
        trace: {
          parameters: [
            { ...inQuery, name: 'all', example: [1, 2] },
            { ...inQuery, name: 'one', example: [1, 2], explode: false },
            { in: 'cookie', name: 'plan', required: true, example: 'free' },
          ],
          requestBody: { content: { 'application/json': { schema } } },
          security: [{ key: [], session: [] }],
        },
      },
    },
    components: {
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'X-Key' },
        session: { type: 'apiKey', in: 'cookie', name: 'sid' },
      },
    },
  })
  expect(linesOf(written).slice(1, 4)).toEqual([
    'Set Header Cookie To "plan=${secret:COOKIE}; sid=${secret:SID}"',
    'Set Header X-Key To "${secret:X_KEY}"',
    'Send TRACE /x?all=1&all=2&one=1%2C2 {"a": "exa", "b": 1, "c": 9}',
  ])
})

test('an OpenAPI document: a check of each operation, with ids from what creates them', () => {
  const user = '#/components/schemas/User'
  const json = (schema: object) => ({ content: { 'application/json': { schema } } })
  const written = imported(
    `openapi: 3.1.0
info: {title: Users}
servers: [{url: 'https://api.example.com/v1'}]
security: [{key: []}]
paths:
  /users:
    post:
      summary: add a user
      tags: [user accounts]
      requestBody: ${JSON.stringify(json({ type: 'object', required: ['email', 'plan'], properties: { email: { type: 'string', format: 'email' }, plan: { enum: ['free', 'pro'] } } }))}
      responses: {'201': ${JSON.stringify(json({ $ref: user }))}}
  /users/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {operationId: readUser, responses: {'200': ${JSON.stringify(json({ $ref: user }))}}}
    delete: {responses: {'204': {description: gone}}}
  /plans/{plan}:
    get: {parameters: [{name: plan, in: path, required: true}, {name: size, in: query, required: true, example: 3}], responses: {'200': {description: ok}}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Api-Key}}
  schemas: {User: {type: object, required: [id, email], properties: {id: {type: string}, email: {type: string}, age: {type: integer}}}}
`,
    'a.yaml',
  )
  const create = 'POST /v1/users {"email": "${unique.email}", "plan": "free"}'
  const shape = 'Response Body Should Match {"id": "#string", "email": "#string"}'
  const [key, save] = ['Set Header X-Api-Key To "${secret:X_API_KEY}"', 'Save Field id As id']
  const remove = 'Afterwards DELETE /v1/users/${id}'
  expect(linesOf(written)).toEqual([
    ...[
      'Tag: @user-accounts',
      'Scenario: add a user',
      key,
      create,
      save,
      remove,
      'Status Code Should Be 201',
      shape,
      '',
    ],
    ...['Scenario: readUser', key, create, save, remove, 'GET /v1/users/${id}', 'Status Code Should Be 200', shape, ''],
    ...['Scenario: DELETE /users/{id}', key, create, save, 'DELETE /v1/users/${id}', 'Status Code Should Be 204', ''],
    'Scenario: GET /plans/{plan}',
    '# ${env:PLAN}: an existing plan of /plans/{plan}, since no operation gives one',
    ...[key, 'GET /v1/plans/${env:PLAN}?size=3', 'Status Code Should Be 200'],
  ])
})

test('bad input is refused with its place and a remedy', () => {
  const refused = (text: string, file: string) => {
    try {
      imported(text, file)
    } catch (error) {
      return String(error)
    }
    return 'accepted'
  }
  expect(refused('', 'a.json')).toContain('a.json is empty: export or save it again.')
  expect(refused('{"info": {"name": "x"},\n "item": [}', 'a.json')).toContain('a.json:2:')
  expect(refused('{"swagger": "2.0"}', 'a.json')).toContain('convert it to OpenAPI 3 first')
  expect(refused('{"openapi": "3.2.0"}', 'a.json')).toContain('only 3.0 and 3.1')
  expect(refused('{"info": {"name": "x"}, "item": []}', 'a.json')).toContain('has no request')
  expect(refused(`{"log": {"entries": "${'x'.repeat(1e7)}",}}`, 'a.har')).toContain('with 10 MB too long for YAML')
  expect(refused(`{"log": {"entries": "${'x'.repeat(1e7)}`, 'a.har')).toContain('a.har: the document ends before its')
  expect(refused('hello', 'a.txt')).toContain('it is no Postman collection')
  expect(refused('# nothing', 'a.http')).toContain('has no request')
  expect(refused("curl -H 'a: b'", 'a.sh')).toContain('a.sh:1: this command of curl has no URL.')
  expect(refused('{"log": {"entries": []}}', 'a.har')).toContain('the recording is empty. Record again')
  const cut = '{"info": {"name": "a \\"}"}, "item": [{"name": "b", "request": "/c'
  expect(refused(cut, 'a.json')).toMatch(/a\.json:1:\d+: the document ends before its last bracket is closed: export/)
  expect(refused('{"item": [}]}', 'a.json')).toMatch(/Correct it there, or export the document again\.$/)
  const page = '<!doctype html>\n<style>body { color: red }</style>\n<title>Sign in</title>'
  expect(refused(page, 'a.json')).toContain('it is HTML or XML')
  expect(refused('<wsdl:definitions/>', 'a.xml')).toContain('save the document itself')
  expect(refused('GET https://example.com/users', 'e2e/a.txt')).toContain('rename it to a.http.')
  const english = 'Scenario: a\nGET /users\nStatus Code Should Be 200\n'
  expect(refused(english, 'a.txt')).toContain(
    'it has scenarios in English already: run it by reprise plain-english run.',
  )
  expect(refused(`Feature: a\n${english}`, 'a.feature')).not.toContain('in English')
  expect(refused('meta {\n  name: a\n}', 'a.bru')).toContain('export the collection as one of Postman')
  expect(refused('type: collection.insomnia.rest/5.0\nname: a', 'a.yaml')).toContain('export it as HAR')
  // The content tells the format, where the name has another ending.
  expect(refused(JSON.stringify(collection({ name: 'a', request: '/b' })), 'a.http')).toBe('accepted')
})

test('a file is decoded by its byte order mark, and refused if it is no text', () => {
  const refused = (content: Uint8Array) => {
    try {
      return textOfFile(content, 'a.json')
    } catch (error) {
      return String(error)
    }
  }
  expect(textOfFile(Buffer.from('\uFEFF{"a": "ü"}', 'utf16le'), 'a.json')).toBe('{"a": "ü"}')
  expect(textOfFile(Buffer.from('{"a": "ü"}'), 'a.json')).toBe('{"a": "ü"}')
  expect(refused(Buffer.from('PK\u0003\u0004rest'))).toContain('a.json is a ZIP archive: unpack it')
  expect(refused(gzipSync('{}'))).toContain('a.json is compressed by gzip: unpack it')
  expect(refused(Buffer.from('{"a": "ü"}', 'latin1'))).toContain('save it as UTF-8')
  expect(refused(Buffer.from([1, 0, 2]))).toContain('a.json is no text')
})

test('a document with a value of another shape is refused with the path of it', () => {
  const samples: Record<string, object> = {
    'a.postman.json': {
      ...collection({
        name: 'one',
        item: [
          {
            name: 'two',
            event: tests('pm.response.to.have.status(200)'),
            request: {
              method: 'POST',
              url: { raw: '/x?a=1', query: [{ key: 'a', value: '1' }], variable: [{ key: 'id', value: '1' }] },
              header: [{ key: 'A', value: 'b' }],
              body: { mode: 'raw', raw: '{"a": 1}', options: { raw: { language: 'json' } } },
              auth: { type: 'basic', basic: [{ key: 'username', value: 'ada' }] },
            },
          },
        ],
      }),
      variable: [{ key: 'a', value: 'b' }],
    },
    'a.har': {
      log: {
        pages: [{ title: 'x' }],
        entries: [
          {
            request: {
              method: 'POST',
              url: 'http://localhost/x',
              headers: [{ name: 'A', value: 'b' }],
              postData: { mimeType: 'application/json', text: '{}' },
            },
            response: { status: 200, content: { mimeType: 'text/html' } },
          },
        ],
      },
    },
    'a.openapi.json': {
      openapi: '3.0.3',
      info: { title: 'x' },
      servers: [{ url: '/v1' }],
      security: [{ key: [] }],
      paths: {
        '/x/{id}': {
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', enum: ['a'] } }],
          post: {
            tags: ['a'],
            requestBody: {
              content: { 'application/json': { schema: { type: 'object', properties: { a: { type: 'string' } } } } },
            },
            responses: { '200': { content: { 'application/json': { schema: { type: 'object', required: ['a'] } } } } },
          },
        },
      },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    },
  }
  const broken = { ...samples['a.postman.json'], item: [{ name: 'one', request: { method: 7 } }] }
  expect(() => imported(broken)).toThrow(/given\.json: item\[0\]\.request\S* is .*, which the format does not allow/)
  const pathsIn = (value: unknown): (string | number)[][] =>
    typeof value !== 'object' || value === null
      ? [[]]
      : [[], ...Object.entries(value).flatMap(([name, member]) => pathsIn(member).map(path => [name, ...path]))]
  for (const [file, sample] of Object.entries(samples)) {
    for (const path of pathsIn(sample).slice(1)) {
      for (const value of [null, 7, 'text', [null], {}]) {
        const copy = structuredClone(sample)
        const last = path.at(-1) ?? ''
        const parent = path.slice(0, -1).reduce<object>((at, name) => Reflect.get(at, name), copy)
        Reflect.set(parent, last, value)
        try {
          imported(copy, file)
        } catch (error) {
          if (!(error instanceof ImportError))
            throw new Error(`${file} ${path.join('.')} ${JSON.stringify(value)}`, { cause: error })
        }
      }
    }
  }
})

test('whatever is imported compiles', { tag: '@soak' }, () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '{{id}}',
      '${x}',
      '"',
      '\n',
      'Scenario: x',
      '# ',
      '| a |',
      '{',
      "'",
      '{{$guid}}',
      'pm.expect(1)',
      '\\',
    ),
  )
  const any = fc.array(text, { maxLength: 6 }).map(parts => parts.join(''))
  const item = fc.record({ name: any, url: any, header: any, value: any, body: any, script: any })
  fc.assert(
    fc.property(fc.array(item, { minLength: 1, maxLength: 4 }), items => {
      imported(
        collection(
          ...items.map(({ name, url, header, value, body, script }) => ({
            name,
            request: { method: 'POST', url, header: [{ key: header, value }], body: { mode: 'raw', raw: body } },
            event: tests(
              script,
              `pm.environment.set(${JSON.stringify(name)}, pm.response.json()[${JSON.stringify(value)}])`,
            ),
          })),
        ),
      )
    }),
    { numRuns: soak({ long: 5000, short: 60 }) },
  )
})
