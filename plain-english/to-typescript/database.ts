/** The sentences about the database. */
import { literal } from './expressions.ts'
import { at, type Translations } from './translation.ts'

export const database: Translations = {
  'Table {word} Should Have {int} Row(s)': (code, values) =>
    code.line(
      `await expect(${code.use('db')}).toHaveRowCount(${literal(code.constant(at(values, 0)))}, ${code.number(at(values, 1))})`,
    ),
  'Table {word} Should Have {int} Row(s) Where {json}': (code, values) =>
    code.line(
      `await expect(${code.use('db')}).toHaveRowCount(${literal(code.constant(at(values, 0)))}, ${code.value(at(values, 2))}, ${code.number(at(values, 1))})`,
    ),
  'Table {word} Should Be Empty': (code, values) =>
    code.line(`await expect(${code.use('db')}).toHaveRowCount(${literal(code.constant(at(values, 0)))}, 0)`),
}
