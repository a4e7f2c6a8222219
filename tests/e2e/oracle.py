"""Looks into a database file from outside: oracle.py check|messages <file> [--copied], or
run <file> <sql> ro|rwc. Answers one JSON."""
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import uuid


def copied(path):
    """A copy with its log, so that looking never recovers or checkpoints the original."""
    folder = tempfile.mkdtemp()
    for end in ("", "-wal"):
        if os.path.exists(path + end):
            shutil.copyfile(path + end, os.path.join(folder, "copy.db" + end))
    return folder, os.path.join(folder, "copy.db")


def check(database):
    integrity = [row[0] for row in database.execute("pragma integrity_check")]
    foreign = [list(row) for row in database.execute("pragma foreign_key_check")]
    return {"integrity": integrity, "foreignKeys": foreign}


def messages(database):
    rows = database.execute("select room_id, id, rev, sender_id, client_id, content from message order by room_id, id")
    name = lambda blob: None if blob is None else str(uuid.UUID(bytes=blob)) if isinstance(blob, bytes) else blob
    return [[room, number, rev, sender, name(client), content] for room, number, rev, sender, client, content in rows]


def main(act, path, *rest):
    folder = None
    if "--copied" in rest:
        folder, path = copied(path)
    try:
        mode = rest[1] if act == "run" else "ro" if folder is None else "rw"
        database = sqlite3.connect(f"file:{path}?mode={mode}", uri=True, timeout=10)
        if act == "run":
            rows = [list(row) for row in database.execute(rest[0])]
            database.commit()
            answer = rows
        else:
            answer = {"check": check, "messages": messages}[act](database)
        database.close()
        print(json.dumps(answer))
    finally:
        if folder:
            shutil.rmtree(folder)


main(*sys.argv[1:])
