"""Stands between functions and an emulated DynamoDB, and fails one call in twenty, nine in a row on each connection, since
a client tries a call four times: in turn before anything was done, and after it was done, with the answer lost.

    python faulty_store.py PORT HOST:PORT
"""

import asyncio
import itertools
import sys

ROW = 9
EVERY = 20 * ROW
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
    connections, tasks = itertools.count(), set()

    async def serve(reader, writer):
        # The server itself holds no task that it has begun.
        tasks.add(asyncio.current_task())
        # Each begins at another place, so that short ones have their share.
        numbers = itertools.count(next(connections) * 37)
        answers, asks = await asyncio.open_connection(host, upstream)
        try:
            while request := await message(reader):
                number = next(numbers)
                fails, was_done = number % EVERY < ROW, number % 2 == 1
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
