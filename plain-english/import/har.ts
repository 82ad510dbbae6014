/** Imports a HAR file (HTTP Archive 1.2): the requests of a recording, and the statuses of their responses. */
import { bodyOf } from './body.ts'
import { ImportError, type Imported, type ImportedBody, type ImportedRequest, isRedirect, step } from './imported.ts'
import { type RequestItem, scenariosOf } from './scenarios.ts'
import { ImportedVariables } from './variables.ts'

interface Header {
  name: string
  value: string
}

interface Entry {
  request: {
    method: string
    url: string
    headers: Header[]
    postData?: {
      mimeType?: string
      text?: string
      params?: { name: string; value?: string; fileName?: string; contentType?: string }[]
    }
  }
  response: { status: number; content?: { mimeType?: string } }
}

interface Har {
  log: { pages?: { title?: string }[]; entries: Entry[] }
}

/** What a page loads by itself. */
const asset =
  /^(?:image|font|video|audio|text\/css|application\/(?:javascript|x-javascript|font|wasm)|text\/javascript)/

export function isHar(document: unknown): document is Har {
  return Array.isArray(Object(document).log?.entries)
}

export function importHar({ log }: Har, file: string): Imported {
  const variables = ImportedVariables.withoutPlaceholders()
  const entries = log.entries.filter(entry => isRequestOfInterest(entry))
  if (entries.length === 0) {
    const reason =
      log.entries.length === 0
        ? 'the recording is empty'
        : `all ${log.entries.length} are images, styles, scripts or fonts`
    throw new ImportError(`${file} has no request to import: ${reason}. Record again while you use the app.`)
  }
  // Each redirect is an entry of its own, as is the request that follows it.
  const followsRedirects = !entries.some(({ response }) => isRedirect(response.status))
  const items = entries.map(({ request, response }): RequestItem => {
    const { pathname } = new URL(request.url)
    return {
      title: `${request.method} ${pathname}`,
      folders: [],
      uses: new Set(),
      saves: new Set(),
      request: () => ({ ...requestOf(request, variables), followsRedirects }),
      after: () =>
        response.status > 0
          ? [
              step(
                `Status Code Should Be ${unconditional(response.status)}`,
                `status ${response.status}`,
                'no sentence asserts it',
              ),
            ]
          : [],
    }
  })
  const title = log.pages?.[0]?.title
  const name = title && !/^https?:/.test(title) ? title : 'the recorded requests'
  const scenarios = scenariosOf(items, { title: name, variables, isRecorded: true, isOne: true })
  return { title: 'HAR', scenarios, secrets: variables.secrets }
}

/** Without `If-None-Match` and `If-Modified-Since`, which are left out, what was not modified is sent. */
const unconditional = (status: number) => (status === 304 ? 200 : status)

function isRequestOfInterest({ request, response }: Entry): boolean {
  if (!/^https?:/.test(request.url) || request.method === 'CONNECT') return false
  const type = response.content?.mimeType ?? ''
  const destination = request.headers.find(({ name }) => name.toLowerCase() === 'sec-fetch-dest')?.value
  return !asset.test(type) && !['image', 'font', 'style', 'script'].includes(destination ?? '')
}

function requestOf(
  { method, url, headers, postData }: Entry['request'],
  variables: ImportedVariables,
): ImportedRequest {
  return {
    method,
    url: [url],
    headers: headers.map(({ name, value }) => ({ name, value: [value] })),
    body: postData && bodyOfPost(postData, variables),
  }
}

/** A form has its fields beside its text, or in place of it. */
function bodyOfPost(
  { mimeType = '', text = '', params = [] }: NonNullable<Entry['request']['postData']>,
  variables: ImportedVariables,
): ImportedBody | undefined {
  const fields = params.map(({ name, value = '', fileName, contentType }) => ({
    name,
    value: [value],
    file: fileName,
    type: contentType,
  }))
  if (mimeType.startsWith('multipart/form-data')) {
    return fields.length > 0
      ? { kind: 'multipart', fields }
      : { kind: 'unknown', reason: 'the recording has no fields of this form' }
  }
  if (text !== '') return bodyOf(text, mimeType === '' ? undefined : mimeType, variables)
  return fields.length > 0 ? { kind: 'form', fields } : undefined
}
