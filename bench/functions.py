#!/usr/bin/env python3
"""Compares a function with the same function in Node 20 with the AWS SDK for JavaScript.

    make bench-functions

Everything runs on this machine: an emulated AWS (MiniStack), a TLS proxy in front of it, and an emulator of Lambda's
runtime API. Measures both in turn: the time from start to the first poll of the runtime API, a warm event (a chat that is
stored, with two emails sent), peak memory after a hundred of those, and the size of the package. Exits with 1 if a limit is
exceeded.
"""

import argparse
import base64
import json
import os
import pathlib
import re
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
STARTS = 15
WARM = 100
LIMITS = {"zip": 3_000_000, "start": 0.1, "warm": 0.5, "memory": 16.0}


class Connection:
    """An HTTP/1.1 connection: reads messages, and writes each answer in one piece."""

    def __init__(self, stream):
        self.stream, self.buffer = stream, b""

    def _more(self):
        part = self.stream.recv(65536)
        if not part:
            raise EOFError
        self.buffer += part

    def message(self):
        """The first line, the headers as received, and the body."""
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        headers = [line.split(": ", 1) if ": " in line else [*line.split(":", 1)] for line in lines[1:]]
        named = {name.lower(): value for name, value in headers}
        body = b""
        if named.get("transfer-encoding", "").lower() == "chunked":
            while True:
                while b"\r\n" not in self.buffer:
                    self._more()
                size, self.buffer = self.buffer.split(b"\r\n", 1)
                size = int(size, 16)
                while len(self.buffer) < size + 2:
                    self._more()
                body += self.buffer[:size]
                self.buffer = self.buffer[size + 2 :]
                if size == 0:
                    break
        else:
            length = int(named.get("content-length", 0))
            while len(self.buffer) < length:
                self._more()
            body, self.buffer = self.buffer[:length], self.buffer[length:]
        return lines[0], headers, body

    def send(self, first, headers, body):
        names = [header for header in headers if header[0].lower() not in ("transfer-encoding", "content-length")]
        head = "".join(f"{name}: {value}\r\n" for name, value in [*names, ["Content-Length", len(body)]])
        self.stream.sendall(f"{first}\r\n{head}\r\n".encode("latin-1") + body)


def listen(handle, wrap=lambda stream: stream):
    """Serves connections on a free port, each in its own thread; returns the port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(stream):
        try:
            # Nagle's algorithm would delay answers, which would be counted as the function's time.
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            handle(Connection(wrap(stream)))
        except (OSError, EOFError):
            pass

    def accept():
        while True:
            stream, _ = listener.accept()
            threading.Thread(target=serve, args=(stream,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def tls_proxy(folder, upstream):
    """Starts a TLS proxy for the emulated AWS; returns its address and its certificate authority."""
    authority, certificate, key = folder / "authority.pem", folder / "certificate.pem", folder / "key.pem"
    names, request = folder / "names.txt", folder / "request.pem"
    names.write_text("subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n")
    new = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj"]
    # Two certificates, because rustls does not accept an authority as a server's certificate.
    for command in (
        [*new, "/CN=bench", "-x509", "-days", "2", "-keyout", folder / "authority.key", "-out", authority],
        [*new, "/CN=localhost", "-keyout", key, "-out", request],
        ["openssl", "x509", "-req", "-in", request, "-CA", authority, "-CAkey", folder / "authority.key", "-CAcreateserial"]
        + ["-days", "2", "-extfile", names, "-out", certificate],
    ):
        subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    host, port = upstream.removeprefix("http://").split(":")

    def handle(client):
        inner = socket.create_connection((host, int(port)))
        inner.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        inner = Connection(inner)
        while True:
            inner.send(*client.message())
            client.send(*inner.message())

    return f"https://localhost:{listen(handle, lambda stream: context.wrap_socket(stream, server_side=True))}", authority


class Runtime:
    """Lambda's runtime API for one process."""

    def __init__(self, command, environment):
        self.event, self.answer = None, None
        self.asked, self.given, self.answered = threading.Event(), threading.Event(), threading.Event()
        self.first_poll = None
        port = listen(self._handle)
        environment = {**environment, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}"}
        self.started = time.perf_counter()
        self.process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
        if not self.asked.wait(30):
            self.process.kill()
            sys.exit(f"{command[0]} did not start: {self.process.stderr.read().decode()[-2000:]}")
        self.start = self.first_poll - self.started

    def _handle(self, connection):
        while True:
            first, _, body = connection.message()
            path = first.split(" ")[1]
            if path.endswith("/invocation/next"):
                self.first_poll = self.first_poll or time.perf_counter()
                self.asked.set()
                self.given.wait()
                self.given.clear()
                headers = [
                    ["Content-Type", "application/json"],
                    ["Lambda-Runtime-Aws-Request-Id", "1"],
                    ["Lambda-Runtime-Deadline-Ms", "4102444800000"],
                    ["Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-2:1:function:f"],
                ]
                self.sent = time.perf_counter()
                connection.send("HTTP/1.1 200 OK", headers, self.event)
            else:
                self.took = time.perf_counter() - self.sent
                self.answer = (path, body)
                self.answered.set()
                connection.send("HTTP/1.1 202 Accepted", [], b"")

    def invoke(self, event):
        self.event = event
        self.answered.clear()
        self.given.set()
        if not self.answered.wait(30):
            sys.exit("a function did not answer within 30 seconds")
        path, body = self.answer
        answer = json.loads(body)
        if not path.endswith("/response") or answer.get("statusCode") != 303:
            self.process.kill()
            sys.exit(f"a function answered {path}: {body.decode()[:500]}\n{self.process.stderr.read().decode()[-2000:]}")
        return self.took

    def peak(self):
        """Peak resident memory in MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()


def chat(number):
    """An HTTP API event that sends the form `chat`, from a different visitor each time."""
    answers = {"name": f"Person {number}", "contact": f"person{number}@example.com", "anything": "It’s quiet here. " * 20}
    body = base64.b64encode(urllib.parse.urlencode(answers).encode()).decode()
    headers = {"content-type": "application/x-www-form-urlencoded", "host": "daisy.example", "accept": "text/html"}
    address = f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}"
    http = {"method": "POST", "path": "/api/chat", "protocol": "HTTP/1.1", "sourceIp": address, "userAgent": "bench"}
    context = {"accountId": "1", "apiId": "1", "domainName": "d", "domainPrefix": "d", "http": http, "requestId": "1"}
    context |= {"routeKey": "$default", "stage": "$default", "time": "22/Nov/2026:11:30:00 +0000", "timeEpoch": 1795347000000}
    event = {"version": "2.0", "routeKey": "$default", "rawPath": "/api/chat", "rawQueryString": "", "headers": headers}
    return json.dumps(event | {"requestContext": context, "isBase64Encoded": True, "body": body}).encode()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--function", type=pathlib.Path, required=True, help="the binary `chat`, built with the profile lambda")
    parser.add_argument("--node", type=pathlib.Path, required=True, help="the bundle of bench/lambda/")
    parser.add_argument("--table", type=pathlib.Path, required=True, help="the example `table`")
    parser.add_argument("--starts", type=int, default=STARTS)
    options = parser.parse_args()
    upstream = os.environ["DAISYCHAIN_TEST_DYNAMODB"]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="daisychain-bench-"))
    subprocess.run([options.table, upstream, "bench"], check=True)
    sender = "daisy@example.org"
    verified = urllib.request.Request(
        f"{upstream}/v2/email/identities",
        json.dumps({"EmailIdentity": sender}).encode(),
        {"Content-Type": "application/json", "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-2/ses/aws4_request"},
    )
    urllib.request.urlopen(verified).read()
    endpoint, authority = tls_proxy(folder, upstream)
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "eu-west-2",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_LAMBDA_FUNCTION_NAME": "chat",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "SSL_CERT_FILE": str(authority),
        "NODE_EXTRA_CA_CERTS": str(authority),
        "DAISYCHAIN_TABLE": "bench",
        "DAISYCHAIN_SITE": "https://daisy.example",
        "DAISYCHAIN_FROM": sender,
        "DAISYCHAIN_PHONE": "01632 960123",
        "DAISYCHAIN_MAILER": "ses",
        "DAISYCHAIN_MAIL_LIMIT": "1000000",
        "DAISYCHAIN_TOKEN_KEYS": "1:" + "ab" * 32,
        "DAISYCHAIN_PERSON_KEY": "cd" * 32,
    }
    commands = {"Rust": [str(options.function)], "Node": ["node", str(options.node)]}

    starts = {name: [] for name in commands}
    for _ in range(options.starts):
        for name, command in commands.items():
            runtime = Runtime(command, environment)
            starts[name].append(runtime.start)
            runtime.end()
    warm, memory, number = {}, {}, 0
    for name, command in commands.items():
        runtime = Runtime(command, environment)
        took = []
        for _ in range(WARM):
            number += 1
            took.append(runtime.invoke(chat(number)))
        # The first ten include opening connections.
        warm[name], memory[name] = statistics.median(took[10:]), runtime.peak()
        runtime.end()

    # Check that what was measured did happen.
    mails = urllib.request.urlopen(f"{upstream}/_ministack/ses/messages").read().decode()
    unsent = [number for number in range(1, number + 1) if f"person{number}@example.com" not in mails]
    if unsent:
        sys.exit(f"{len(unsent)} of {number} residents got no email")

    package = folder / "chat.zip"
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.write(options.function, "bootstrap")
    figures = {
        "zip": package.stat().st_size,
        "start": statistics.median(starts["Rust"]) / statistics.median(starts["Node"]),
        "warm": warm["Rust"] / warm["Node"],
        "memory": memory["Rust"],
    }
    print(f"zip of one function        {figures['zip'] / 1e6:8.2f} MB    (binary {options.function.stat().st_size / 1e6:.2f} MB)")
    for name in commands:
        median = statistics.median(starts[name]) * 1000
        print(f"{name}: start to first poll  {median:8.1f} ms   ({min(starts[name]) * 1000:.1f} to {max(starts[name]) * 1000:.1f})")
    for name in commands:
        print(f"{name}: warm, two emails sent {warm[name] * 1000:8.1f} ms   peak memory {memory[name]:6.1f} MiB after {WARM}")
    missed = False
    for what, figure in figures.items():
        met = figure <= LIMITS[what]
        missed |= not met
        print(f"{what:<8} {figure:12.3f}   limit {LIMITS[what]:12.3f}   {'ok' if met else 'EXCEEDED'}")
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
