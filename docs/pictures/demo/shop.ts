/** A small shop with two faults: it answers 201 for an order that failed half-way, and reads its products one by one. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import type pg from 'pg'

interface Order {
  customer: string
  lines: { product: number; quantity: number }[]
}

export const shop = (pool: pg.Pool) => async (request: IncomingMessage, response: ServerResponse) => {
  const { customer, lines } = (await json(request)) as Order
  const names: string[] = []
  for (const { product } of lines) {
    const { rows } = await pool.query('select name, stock from products where id = $1', [product])
    names.push(rows[0]?.name)
  }
  const { rows } = await pool.query('insert into orders (customer) values ($1) returning id', [customer])
  for (const { product, quantity } of lines) {
    await pool
      .query('update products set stock = stock - $2 where id = $1', [product, quantity])
      .then(() => pool.query('insert into order_lines values ($1, $2, $3)', [rows[0].id, product, quantity]))
      .catch(() => undefined)
  }
  response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ id: rows[0].id, names }))
}
