// Parses JSON bodies of limited size, and refuses others.
import express, { type RequestHandler } from 'express'
import { Problem } from './problem.ts'

/** Handlers that parse the body into `request.body`; they refuse other media types (415), large (413) and malformed (400) bodies. */
export function jsonBody(): RequestHandler[] {
  return [refuseOtherMediaTypes, express.json({ limit: '16kb' })]
}

const refuseOtherMediaTypes: RequestHandler = (request, _response, next) => {
  // `false`: there is a body of another type. `null`: there is no body, which validation reports.
  if (request.is('application/json') === false) {
    throw new Problem(415, {
      detail: 'Send the body as application/json.',
      headers: { Accept: 'application/json' },
    })
  }
  next()
}
