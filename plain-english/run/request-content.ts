/** The content of a request: as sentences give it, as Playwright sends it, and as reports show it. */

export interface RequestContent {
  /** JSON, a text or bytes that are sent unchanged. */
  body?: unknown
  /** The media type of the body; default: that of JSON or of plain text. */
  contentType?: string | undefined
  /** The fields of a form, each with its value or its values. */
  form?: FormFields<string> | undefined
  /** The fields and files of a form with several parts. */
  multipart?: FormFields<string | NamedFile> | undefined
}

type FormFields<Value> = Readonly<Record<string, Value | readonly Value[]>>

/** A file in a form. */
export interface NamedFile {
  name: string
  mimeType: string
  buffer: Buffer
}

/** The options of Playwright's `fetch`. */
export interface SentContent {
  data?: unknown
  form?: FormData
  multipart?: FormData
}

export function contentOf({ body, form, multipart }: RequestContent): SentContent {
  if (form) return { form: formData(form) }
  if (multipart) return { multipart: formData(multipart) }
  return body === undefined ? {} : { data: body }
}

/** A field with several values is sent several times. */
function formData(fields: FormFields<string | NamedFile>): FormData {
  const form = new FormData()
  for (const [name, values] of Object.entries(fields)) {
    for (const value of [values].flat()) {
      if (typeof value === 'string') form.append(name, value)
      else form.append(name, new Blob([new Uint8Array(value.buffer)], { type: value.mimeType }), value.name)
    }
  }
  return form
}

/** The header of the content, unless the scenario sets its own; a form has that of Playwright. */
export function contentType({ body, form, multipart, contentType }: RequestContent): Record<string, string> {
  if (form || multipart || body === undefined) return {}
  return { 'content-type': contentType ?? (typeof body === 'string' ? 'text/plain' : 'application/json') }
}

/** With the length of each file instead of its bytes. */
export function shownContent({ body, form, multipart }: RequestContent): unknown {
  return shownBody(form ?? multipart ?? body)
}

function shownBody(body: unknown): unknown {
  const brief = (bytes: Buffer) => `(${bytes.length} bytes)`
  if (Buffer.isBuffer(body)) return brief(body)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const shown = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shown)
    if (!Buffer.isBuffer(Object(value).buffer)) return value
    const { name, mimeType, buffer } = value as NamedFile
    return `${name}, ${mimeType} ${brief(buffer)}`
  }
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, shown(value)]))
}
