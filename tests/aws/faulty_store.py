"""A proxy to an emulated DynamoDB that fails one call in twenty: the last 150 of each 3,000 in a row, because a client
tries a call four times. Alternately it fails a call without passing it on, and passes it on but loses the answer.
`GET /calls` returns the number of calls and of failures.

    python faulty_store.py PORT HOST:PORT
"""

import asyncio
import itertools
import sys

# Counted in calls, not seconds, so that the speed of the machine makes no difference.
FAILING, EVERY = 150, 3_000
FAULT = b'{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"asked for"}'
FAILED = (
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/x-amz-json-1.0\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(FAULT), FAULT)
)


async def message(reader):
    """A complete request or response; empty at the end of a connection."""
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
        # asyncio only keeps weak references to tasks.
        tasks.add(asyncio.current_task())
        answers, asks = await asyncio.open_connection(host, upstream)
        try:
            while request := await message(reader):
                if request.startswith(b"GET /calls "):
                    said = b"%d %d" % tuple(calls)
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said))
                    continue
                number = next(numbers)
                fails, was_done = number % EVERY >= EVERY - FAILING, number % 2 == 1
                calls[0] += 1
                calls[1] += fails
                answer = FAILED
                if not fails or was_done:
                    asks.write(request)
                    answer = await message(answers)
                writer.write(FAILED if fails else answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # closed by the function or the emulator
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
