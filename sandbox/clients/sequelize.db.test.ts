/** Sequelize: models, nested transactions, sync. */
import { expect } from '@playwright/test'
import { DataTypes, type Model, type ModelStatic, Sequelize, type Transaction } from 'sequelize'
import { test, type Way } from './client-fixture.ts'
import { type Work, worksAsOnAServer } from './expectations.ts'

type Row = { id: number; v: string }

worksAsOnAServer(['tcp', 'memory'], {
  uniqueViolation: { name: 'SequelizeUniqueConstraintError', parent: { code: '23505' } },
  connect: way => {
    const sequelize = open(way)
    const rows = sequelize.define<Model<Row, Row>>(
      't',
      { id: { type: DataTypes.INTEGER, primaryKey: true }, v: { type: DataTypes.TEXT, unique: true } },
      { freezeTableName: true, timestamps: false },
    )
    return { ...workOf(sequelize, rows, null), close: () => sequelize.close() }
  },
})

for (const way of ['tcp', 'memory'] as const) {
  test(`sync creates, alters and recreates tables: ${way}`, async ({ tcp, memory }) => {
    const sequelize = open({ tcp, memory }[way])
    const kind = { type: DataTypes.ENUM('small', 'large') }
    const model = sequelize.define('made', { name: { type: DataTypes.STRING, unique: true }, kind })
    await sequelize.sync()
    await model.create({ name: 'one', kind: 'small' })
    sequelize.define('made', { name: { type: DataTypes.STRING, unique: true }, kind, size: DataTypes.INTEGER })
    await sequelize.sync({ alter: true })
    expect(await sequelize.models.made?.findAll({ raw: true })).toMatchObject([{ id: 1, name: 'one', size: null }])
    await sequelize.sync({ force: true })
    expect(await sequelize.models.made?.count()).toBe(0)
    await sequelize.close()
  })
}

function open({ url, stream }: Way): Sequelize {
  const dialectOptions = stream ? { stream } : {}
  return new Sequelize(url, { dialect: 'postgres', dialectOptions, logging: false, pool: { max: 4 } })
}

function workOf(sequelize: Sequelize, rows: ModelStatic<Model<Row, Row>>, transaction: Transaction | null): Work {
  return {
    insert: (id, v) => rows.create({ id, v }, { transaction }),
    read: async id => (await rows.findByPk(id, { transaction }))?.get().v,
    update: (id, v) => rows.update({ v }, { where: { id }, transaction }),
    remove: id => rows.destroy({ where: { id }, transaction }),
    transaction: work => sequelize.transaction({ transaction }, inside => work(workOf(sequelize, rows, inside))),
  }
}
