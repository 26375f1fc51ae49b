"""A site that takes its time and has as many visitors as come: ``python -m benchmarks.toys.slow MILLISECONDS``.

Prints its port. It stands for IMVDb, Spotify and their like: what an answer costs them is nothing to us, only the wait.
"""

import asyncio
import sys

_BODY = b'{"results": []}'
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(_BODY), _BODY)


async def serve(milliseconds: float) -> asyncio.Server:
    """Answers every request after so long."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(milliseconds / 1000)
                writer.write(_ANSWER)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client left
        finally:
            writer.close()

    return await asyncio.start_server(connected, "127.0.0.1", 0)


async def main(milliseconds: float) -> None:
    async with await serve(milliseconds) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
