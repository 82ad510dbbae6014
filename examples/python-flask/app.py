"""A list of notes, stored in PostgreSQL."""
import os

import psycopg
from flask import Flask, g, request
from psycopg.rows import dict_row

app = Flask(__name__)


def get_db():
    if "db" not in g:
        g.db = psycopg.connect(os.environ["DATABASE_URL"], row_factory=dict_row)
    return g.db


@app.teardown_appcontext
def close_db(error=None):
    db = g.pop("db", None)
    if db is not None:
        db.close()


@app.get("/health")
def health():
    return {"status": "up"}


@app.get("/notes")
def list_notes():
    return get_db().execute("select id, title from notes order by id").fetchall()


@app.post("/notes")
def create_note():
    db = get_db()
    try:
        note = db.execute(
            "insert into notes (title) values (%s) returning id, title", (request.json["title"],)
        ).fetchone()
    except psycopg.errors.UniqueViolation:
        db.rollback()
        return {"error": "There is a note with this title."}, 409
    db.commit()
    return note, 201, {"Location": f"/notes/{note['id']}"}
