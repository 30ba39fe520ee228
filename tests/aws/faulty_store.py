"""Stands between functions and an emulated DynamoDB, and fails one call in twenty: of each 3,000 the last 150 in a row, since
a client tries a call four times. In turn before anything was done, and after it was done, with the answer lost.
`GET /calls` says how many there were, and how many of them failed.

    python faulty_store.py PORT HOST:PORT
"""

import asyncio
import itertools
import sys

# In calls, not in seconds: what fails is the same on a fast machine and on a slow one.
OUT, EVERY = 150, 3_000
FAULT = b'{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"asked for"}'
FAILED = (
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/x-amz-json-1.0\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(FAULT), FAULT)
)


async def message(reader):
    """A request or an answer, whole; nothing at the end of a connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return head + await reader.readexactly(length)


async def main(port, host, upstream):
    numbers, tasks, calls = itertools.count(), set(), [0, 0]

    async def serve(reader, writer):
        # The server itself holds no task that it has begun.
        tasks.add(asyncio.current_task())
        answers, asks = await asyncio.open_connection(host, upstream)
        try:
            while request := await message(reader):
                if request.startswith(b"GET /calls "):
                    said = b"%d %d" % tuple(calls)
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said))
                    continue
                number = next(numbers)
                fails, was_done = number % EVERY >= EVERY - OUT, number % 2 == 1
                calls[0] += 1
                calls[1] += fails
                answer = FAILED
                if not fails or was_done:
                    asks.write(request)
                    answer = await message(answers)
                writer.write(FAILED if fails else answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the function or the emulator has closed it
        finally:
            asks.close()
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    there = sys.argv[2].rsplit(":", 1)
    asyncio.run(main(int(sys.argv[1]), there[0], int(there[1])))
