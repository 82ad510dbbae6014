"""Checks a sandbox with psycopg: prints the name of each check that passes. Takes the sandbox's URL."""
import sys
from threading import Thread

import psycopg

url = sys.argv[1]
put = "insert into t values (%s, %s)"


def one(connection, query, *values):
    return connection.execute(query, values).fetchone()


def clear(connection):
    connection.execute("delete from t")


def refused(connection, *values):
    try:
        connection.execute(put, values)
    except psycopg.errors.UniqueViolation:
        return True
    return False


with psycopg.connect(url, autocommit=True) as connection:
    connection.execute(put, (1, "one"))
    assert one(connection, "select v from t where id = %s", 1) == ("one",)
    connection.execute("update t set v = %s where id = %s", ("uno", 1))
    assert one(connection, "select v from t where id = %s", 1) == ("uno",)
    connection.execute("delete from t where id = %s", (1,))
    assert one(connection, "select v from t where id = %s", 1) is None
    print("creates, reads, updates and deletes")

    connection.execute(put, (1, "one"))
    assert refused(connection, 1, "again")
    connection.execute(put, (2, "two"))
    with connection.transaction():
        try:
            with connection.transaction():
                connection.execute(put, (3, "three"))
                connection.execute(put, (4, "one"))
        except psycopg.errors.UniqueViolation:
            connection.execute(put, (4, "four"))
    assert one(connection, "select array_agg(id order by id) from t") == ([1, 2, 4],)
    print("continues after a unique violation")

    clear(connection)
    with connection.transaction():
        connection.execute(put, (1, "outer"))
        with connection.transaction():
            connection.execute(put, (2, "inner"))
            raise psycopg.Rollback()
        assert one(connection, "select count(*) from t") == (1,)
    assert one(connection, "select array_agg(id) from t") == ([1],)
    assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    print("rolls back a nested transaction alone")

    clear(connection)
    for id in range(10):
        connection.execute(put, (id, f"row {id}"), prepare=True)
    assert refused(connection, 1, "again")
    connection.execute(put, (10, "ten"), prepare=True)
    assert one(connection, "select count(*) from t") == (11,)
    print("prepares a statement and runs it again")

    clear(connection)
    with connection.pipeline():
        cursors = [connection.execute(put + " returning id", (id, f"row {id}")) for id in range(5)]
    assert [cursor.fetchone() for cursor in cursors] == [(id,) for id in range(5)]
    try:
        with connection.pipeline():
            for id in (5, 5, 6):
                connection.execute(put, (id, f"row {id}"))
        assert False
    except (psycopg.errors.UniqueViolation, psycopg.errors.PipelineAborted):
        pass
    assert one(connection, "select count(*) from t") == (5,)
    print("runs a pipeline")

with psycopg.connect(url) as connection:
    clear(connection)
    with connection.cursor("numbers") as cursor:
        cursor.itersize = 100
        cursor.execute("select n from generate_series(1, 250) n")
        assert sum(n for (n,) in cursor) == 31375
    connection.commit()
    with connection.cursor("kept", withhold=True) as cursor:
        cursor.execute("select n from generate_series(1, 5) n")
        connection.commit()
        assert cursor.fetchall() == [(1,), (2,), (3,), (4,), (5,)]
    connection.commit()
    print("reads rows with a server-side cursor")

    with connection.cursor() as cursor:
        with cursor.copy("copy t from stdin") as copy:
            for id in range(1000):
                copy.write_row((id, f"row {id}"))
        with cursor.copy("copy (select id from t order by id) to stdout (format binary)") as copy:
            copy.set_types(["int4"])
            assert [id for (id,) in copy.rows()] == list(range(1000))
        connection.commit()
        try:
            with cursor.copy("copy t from stdin") as copy:
                copy.write_row((1000, "kept no more"))
                raise KeyError("no more rows")
        except psycopg.errors.QueryCanceled:
            connection.rollback()
    assert one(connection, "select count(*) from t") == (1000,)
    print("copies rows in and out")
    clear(connection)


def work(first):
    with psycopg.connect(url) as own:
        for id in range(first, first + 5):
            own.execute(put, (id, f"row {id}"))
            own.commit()


threads = [Thread(target=work, args=(first,)) for first in range(0, 20, 5)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
with psycopg.connect(url, autocommit=True) as connection, psycopg.connect(url) as other:
    assert one(connection, "select count(*) from t") == (20,)
    print("runs threads in parallel")

    connection.execute("listen news")
    other.execute("notify news, 'first'")
    other.commit()
    notification = next(connection.notifies())
    assert (notification.channel, notification.payload) == ("news", "first")
    print("receives a notification")
    connection.execute(put, (100, "kept"))
