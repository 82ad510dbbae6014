import express from 'express'
import type { Pool } from 'pg'

export function createApp(pool: Pool) {
  return express()
    .use(express.json())
    .post('/orders', async (request, response) => {
      await pool.query('insert into orders (product) values ($1)', [request.body.product])
      response.sendStatus(201)
    })
}