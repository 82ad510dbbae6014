/** For `npx drizzle-kit generate`, which writes the migrations. */
export default { dialect: 'postgresql', schema: './db/schema.js', out: './drizzle' }
