// Reads a JSON body, of bounded size, and nothing else.
import express, { type RequestHandler } from 'express'
import { Problem } from './problem.ts'

/** Handlers that put a parsed body into `request.body`; they refuse other media types (415), large (413) and malformed (400) ones. */
export function jsonBody(): RequestHandler[] {
  return [refuseOtherMediaTypes, express.json({ limit: '16kb' })]
}

const refuseOtherMediaTypes: RequestHandler = (request, _response, next) => {
  // `false`: there is a body, and it is something else. `null`: there is no body, which validation will tell.
  if (request.is('application/json') === false) {
    throw new Problem(415, {
      detail: 'Send the body as application/json.',
      headers: { Accept: 'application/json' },
    })
  }
  next()
}
